"""What an EVSE's status is, from what its charge point says and what runs there (OCPI 2.2.1 §8.4.22)."""

from collections.abc import Sequence
from typing import Any

from central.selectors.overview import IN_USE

AVAILABLE, CHARGING, RESERVED = "AVAILABLE", "CHARGING", "RESERVED"
INOPERATIVE, OUTOFORDER, REMOVED, UNKNOWN = "INOPERATIVE", "OUTOFORDER", "REMOVED", "UNKNOWN"
WORDS = {
    "Available": AVAILABLE,
    "Reserved": RESERVED,
    "Unavailable": INOPERATIVE,
    "Faulted": OUTOFORDER,
    **{word: CHARGING for word in IN_USE if word != "Reserved"},
}
STRONGEST = (CHARGING, RESERVED, AVAILABLE, OUTOFORDER, INOPERATIVE)
"""Of several connectors the first of these that one of them has: an EVSE charges one car at a time."""


def evse_status(point: Any, number: int, connectors: Sequence[Any]) -> str:
    """The status of an EVSE of a charge point that was read with its live side, sessions, reservations."""
    whole = _whole(point)
    if whole:
        return whole
    if any(session.evse_number == number for session in point.running):
        return CHARGING
    told = {WORDS.get(connector.status, UNKNOWN) for connector in connectors}
    found = next((word for word in STRONGEST if word in told), UNKNOWN)
    held = any(reservation.evse_number == number for reservation in point.held)
    return RESERVED if found == AVAILABLE and held else found


def _whole(point: Any) -> str:
    """What holds for all EVSEs of a charge point, "" where each speaks for itself; silent: UNKNOWN."""
    live = getattr(point, "live", None)
    if not point.is_registered:
        return REMOVED
    if live is None or not live.is_online:
        return UNKNOWN
    if live.boot_status == "Pending":
        return INOPERATIVE
    return {"Faulted": OUTOFORDER, "Unavailable": INOPERATIVE}.get(live.status, "")
