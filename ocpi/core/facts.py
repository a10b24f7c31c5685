"""Our rows as the OCPI objects that sessions and CDRs share: token, place, price, charging periods.

What is required and not known is `#NA` (OCPI 2.2.1 §4.1.10); enumerations that nobody filled in get the
commonest European value (docs/ocpi.md names them).
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from billing.models import Cdr
from central.models import Connector, Session
from emobility.lib.money import amount4
from ocpi.core.fields import NOT_AVAILABLE, parse_moment
from ocpi.core.objects import CONNECTOR_FORMATS, CONNECTOR_STANDARDS, POWER_TYPES
from ocpi.selectors.identity import Identity

TOKEN_TYPES = {
    "": "RFID",
    "RFID": "RFID",
    "ISO14443": "RFID",
    "ISO15693": "RFID",
    "Central": "APP_USER",
    "APP_USER": "APP_USER",
    "AD_HOC_USER": "AD_HOC_USER",
}
HOUR = Decimal(3600)
KILO = Decimal(1000)
DIRECT_CURRENT_W = 50_000
"""From this power on a connector without further description counts as direct current."""


def kwh(watt_hours: Decimal | int) -> Decimal:
    """Energy in kWh with four decimals."""
    return amount4(Decimal(watt_hours) / KILO)


def hours(seconds: Decimal | int) -> Decimal:
    """A duration in hours with four decimals."""
    return amount4(Decimal(seconds) / HOUR)


def price(excl: Decimal, incl: Decimal) -> dict[str, Decimal]:
    """A Price."""
    return {"excl_vat": amount4(excl), "incl_vat": amount4(incl)}


def token_party(session: Session, own: Identity) -> tuple[str, str]:
    """Country code and party id of the provider whose token was used; our own where it is not a partner's."""
    party = session.id_token.party if session.id_token else None
    return (party.country_code.upper(), party.party_id.upper()) if party else own.party


def cdr_token(session: Session, own: Identity) -> dict[str, str]:
    """The CdrToken of a session."""
    country_code, party_id = token_party(session, own)
    token = session.id_token
    uid = (token.roaming_uid or token.uid) if token else session.id_tag
    known_type = token.roaming_type if token else ""
    return {
        "country_code": country_code,
        "party_id": party_id,
        "uid": _ascii(uid, 36) or NOT_AVAILABLE,
        "type": known_type
        or TOKEN_TYPES.get((token.token_type if token else "") or session.id_tag_type, "OTHER"),
        "contract_id": _ascii(token.contract_id if token else "", 36) or NOT_AVAILABLE,
    }


def auth_method(session: Session) -> str:
    """AuthMethod: a command of ours, a question to the provider, or our own list."""
    if session.remote_start_id is not None:
        return "COMMAND"
    return "AUTH_REQUEST" if session.authorization_reference else "WHITELIST"


def location_id(session: Session) -> str:
    """Location.id: the site, or the charge point where it stands at none. Never changes."""
    return f"site-{session.site_id}" if session.site_id else f"cp-{session.charge_point_id}"


def evse_uid(session: Session) -> str:
    """EVSE.uid; `#NA` while the charge point named none."""
    if not session.evse_number:
        return NOT_AVAILABLE
    text = f"{session.charge_point.cp_id}-{session.evse_number}"
    fits = len(text) <= 36 and text.isascii()
    return text if fits else f"cp-{session.charge_point_id}-{session.evse_number}"


def connector_id(session: Session) -> str:
    """Connector.id within its EVSE."""
    return str(session.connector_number or 1) if session.evse_number else NOT_AVAILABLE


def cdr_location(session: Session, own: Identity) -> dict[str, Any]:
    """The CdrLocation of a session (§10.4.3): the place as it is when the CDR is made."""
    site, charge_point = session.site, session.charge_point
    place: dict[str, Any] = {
        "id": location_id(session),
        "name": _text(site.name if site else charge_point.location, 255) or None,
        "address": _text(site.address if site else charge_point.location, 45) or NOT_AVAILABLE,
        "city": _text(site.city if site else "", 45) or NOT_AVAILABLE,
        "postal_code": _text(site.postal_code if site else "", 10) or None,
        "country": (site.country if site else "") or NOT_AVAILABLE,
        "coordinates": {
            "latitude": _degrees(site.latitude if site else None),
            "longitude": _degrees(site.longitude if site else None),
        },
    }
    return place | {
        "evse_uid": evse_uid(session),
        "evse_id": _evse_id(session, own),
        "connector_id": connector_id(session),
        **_plug(session),
    }


def _evse_id(session: Session, own: Identity) -> str:
    """An eMI3 EVSE id: country, operator, E, our number (§10.4.3)."""
    if not session.evse_number:
        return NOT_AVAILABLE
    outlet = re.sub(r"[^A-Za-z0-9]+", "*", session.charge_point.cp_id)[:32].strip("*").upper()
    return f"{own.country_code}*{own.party_id}*E{outlet}*{session.evse_number}"


def _plug(session: Session) -> dict[str, str]:
    """Standard, format and power type: from the charge point's metadata, else a guess by power."""
    known = session.charge_point.metadata if isinstance(session.charge_point.metadata, dict) else {}
    power = (
        Connector.objects.filter(
            charge_point_id=session.charge_point_id,
            evse__number=session.evse_number,
            number=session.connector_number or 1,
        )
        .values_list("max_power_w", flat=True)
        .first()
    )
    direct = (power or 0) >= DIRECT_CURRENT_W
    guess = ("IEC_62196_T2_COMBO", "CABLE", "DC") if direct else ("IEC_62196_T2", "SOCKET", "AC_3_PHASE")
    return {
        "connector_standard": _known(known, "connector_standard", CONNECTOR_STANDARDS, guess[0]),
        "connector_format": _known(known, "connector_format", CONNECTOR_FORMATS, guess[1]),
        "connector_power_type": _known(known, "connector_power_type", POWER_TYPES, guess[2]),
    }


def _known(values: Mapping[str, Any], name: str, allowed: Sequence[str], guess: str) -> str:
    value = values.get(name)
    return value if isinstance(value, str) and value in allowed else guess


def charging_periods(cdr: Cdr) -> list[dict[str, Any]]:
    """The ChargingPeriods of a CDR: energy in kWh, times in hours; at least one."""
    tariff_id = (cdr.tariff or {}).get("id")
    periods = [_period(period, tariff_id) for period in cdr.periods]
    empty = {"start_date_time": cdr.started_at.isoformat(), "energy_wh": "0", "time_s": "0"}
    return periods or [_period(empty, tariff_id)]


def _period(period: Mapping[str, Any], tariff_id: str | None) -> dict[str, Any]:
    quantities = (
        ("ENERGY", kwh(Decimal(str(period.get("energy_wh", 0))))),
        ("TIME", hours(Decimal(str(period.get("time_s", 0))))),
        ("PARKING_TIME", hours(Decimal(str(period.get("parking_time_s", 0))))),
    )
    told = [{"type": kind, "volume": volume} for kind, volume in quantities if volume]
    start = parse_moment(str(period["start_date_time"]))
    return {
        "start_date_time": start,
        "dimensions": told or [{"type": "TIME", "volume": Decimal(0)}],
        "tariff_id": tariff_id,
    }


def moment(value: datetime | str | None) -> datetime | None:
    """A time that may stand as text in one of our JSON columns."""
    return parse_moment(value) if isinstance(value, str) else value


def _text(value: str, limit: int) -> str:
    return "".join(letter for letter in value if letter.isprintable())[:limit]


def _ascii(value: str, limit: int) -> str:
    return "".join(letter for letter in value if letter.isascii() and letter.isprintable())[:limit]


def _degrees(value: Decimal | None) -> str:
    return NOT_AVAILABLE if value is None else f"{value:.6f}"
