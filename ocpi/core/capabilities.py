"""What an EVSE of ours can do, as partners are told (OCPI 2.2.1 §8.4.3)."""

from typing import Final

from ocpi.core.place_objects import CAPABILITIES
from ocpi.core.plugs import described, words
from registry.models import ChargePoint

USUAL: Final = ("RFID_READER", "REMOTE_START_STOP_CAPABLE", "RESERVABLE", "UNLOCK_CAPABLE")
"""What our charge points can unless their metadata say otherwise (`capabilities`)."""
PREFERENCES: Final = "CHARGING_PREFERENCES_CAPABLE"
SMART: Final = (PREFERENCES, "CHARGING_PROFILE_CAPABLE")
"""With smart charging."""


def capabilities_of(charge_point: ChargePoint, evse_number: int, *, smart: bool) -> list[str]:
    """The words for an EVSE, sorted; `smart` where the charge point says that it takes charging profiles."""
    known = described(charge_point, evse_number)
    if "capabilities" in known:
        return sorted(words(known, "capabilities", CAPABILITIES))
    return sorted((*USUAL, *SMART) if smart else USUAL)
