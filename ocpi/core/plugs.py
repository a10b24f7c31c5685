"""Names and connectors of our charge points as OCPI knows them.

What nobody filled in gets the commonest European value (docs/ocpi.md names them); what stands in a charge
point's metadata wins, and below its `connectors` what is said of one EVSE ("1") or connector ("1.2").
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from ocpi.core.fields import NOT_AVAILABLE
from ocpi.core.objects import CONNECTOR_FORMATS, CONNECTOR_STANDARDS, NEWER_STANDARDS, POWER_TYPES
from ocpi.selectors.identity import Identity
from registry.models import ChargePoint

DIRECT_CURRENT_W = 50_000
"""From this power on a connector without further description counts as direct current."""
ALTERNATING = ("IEC_62196_T2", "SOCKET", "AC_3_PHASE")
DIRECT = ("IEC_62196_T2_COMBO", "CABLE", "DC")
VOLTS = {"DC": 400}
COMMON_VOLTS = 230
PHASES = {"AC_3_PHASE": 3, "AC_2_PHASE": 2, "AC_2_PHASE_SPLIT": 2}
AMPERES = {"DC": 125, "AC_1_PHASE": 16}
COMMON_AMPERES = 32


def location_key(site_id: int | None, charge_point_id: int) -> str:
    """Location.id: the site, or the charge point where it stands at none. Never changes."""
    return f"site-{site_id}" if site_id else f"cp-{charge_point_id}"


def evse_id(charge_point: ChargePoint, number: int, own: Identity) -> str:
    """An eMI3 EVSE id: country, operator, E, our number (OCPI 2.2.1 §8.3.2)."""
    if not number:
        return NOT_AVAILABLE
    outlet = re.sub(r"[^A-Za-z0-9]+", "*", charge_point.cp_id)[:32].strip("*").upper()
    return f"{own.country_code}*{own.party_id}*E{outlet}*{number}"


def described(charge_point: ChargePoint, evse: int, connector: int = 0) -> dict[str, Any]:
    """What is written of an EVSE or connector in the charge point's metadata, the nearest word last."""
    known = charge_point.metadata if isinstance(charge_point.metadata, dict) else {}
    parts = known.get("connectors")
    parts = parts if isinstance(parts, dict) else {}
    nearer = [parts.get(name) for name in (str(evse), f"{evse}.{connector}")]
    found = dict(known)
    for each in nearer:
        found.update(each if isinstance(each, dict) else {})
    return found


def plug(charge_point: ChargePoint, evse: int, connector: int, power_w: int | None) -> dict[str, Any]:
    """Standard, format, power type, volts, amperes and watts of a connector."""
    known = described(charge_point, evse, connector)
    power = _whole(known, "max_electric_power") or power_w
    guess = DIRECT if (power or 0) >= DIRECT_CURRENT_W else ALTERNATING
    kind = word(known, "connector_power_type", POWER_TYPES, guess[2])
    volts = _whole(known, "max_voltage") or VOLTS.get(kind, COMMON_VOLTS)
    by_power = round(power / (volts * PHASES.get(kind, 1))) if power else 0
    usual = AMPERES.get(kind, COMMON_AMPERES)
    return {
        "standard": word(known, "connector_standard", (*CONNECTOR_STANDARDS, *NEWER_STANDARDS), guess[0]),
        "format": word(known, "connector_format", CONNECTOR_FORMATS, guess[1]),
        "power_type": kind,
        "max_voltage": volts,
        "max_amperage": _whole(known, "max_amperage") or by_power or usual,
        "max_electric_power": power,
    }


def word(values: Mapping[str, Any], name: str, allowed: Sequence[str], guess: str) -> str:
    """A word out of a list, or the guess."""
    value = values.get(name)
    return value if isinstance(value, str) and value in allowed else guess


def words(values: Mapping[str, Any], name: str, allowed: Sequence[str]) -> list[str]:
    """The words of a list that are allowed."""
    value = values.get(name)
    return [each for each in value if each in allowed] if isinstance(value, list) else []


def _whole(values: Mapping[str, Any], name: str) -> int | None:
    value = values.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return round(value) if 0 < value < 10_000_000 else None


def text(value: Any, limit: int) -> str:
    """Printable letters, as many as fit."""
    return "".join(letter for letter in str(value or "") if letter.isprintable())[:limit]


def ascii_text(value: Any, limit: int) -> str:
    """Printable ASCII, as much as fits."""
    return "".join(letter for letter in str(value or "") if letter.isascii() and letter.isprintable())[:limit]


def degrees(value: Decimal | None) -> str:
    """A coordinate with six decimals, or `#NA`."""
    return NOT_AVAILABLE if value is None else f"{value:.6f}"
