"""Our rows as the OCPI objects that sessions and CDRs share: token, place, price, charging periods.

They are made in the form of 2.3.0, the richest, and converted where they are told (ocpi.core.convert). What
is required and not known is `#NA` (OCPI 2.2.1 §4.1.10).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from billing.models import Cdr
from central.models import Connector, IdToken, Session
from central.services.reservation_sessions import is_reservation_alone
from emobility.lib.money import amount4
from ocpi.core.fields import NOT_AVAILABLE, parse_moment
from ocpi.core.plugs import ascii_text, degrees, evse_id, location_key, plug, text
from ocpi.selectors.identity import Identity
from ocpi.selectors.places import evse_uid_of

TOKEN_TYPES = {
    "": "RFID",
    "RFID": "RFID",
    "ISO14443": "RFID",
    "ISO15693": "RFID",
    "Central": "APP_USER",
    "APP_USER": "APP_USER",
    "AD_HOC_USER": "AD_HOC_USER",
}
DIMENSIONS_2_1_1 = frozenset({"ENERGY", "FLAT", "MAX_CURRENT", "MIN_CURRENT", "PARKING_TIME", "TIME"})
MEASURED = ("min_power", "max_power", "min_current", "max_current")
"""What a period keeps of the meter's power (kW) and current (A), as the dimensions are named."""
VAT = "VAT"
HOUR = Decimal(3600)
KILO = Decimal(1000)


def kwh(watt_hours: Decimal | int) -> Decimal:
    """Energy in kWh with four decimals."""
    return amount4(Decimal(watt_hours) / KILO)


def hours(seconds: Decimal | int) -> Decimal:
    """A duration in hours with four decimals."""
    return amount4(Decimal(seconds) / HOUR)


def price(excl: Decimal, incl: Decimal) -> dict[str, Any]:
    """A Price of 2.3.0; what is above the amount before taxes is VAT."""
    before, tax = amount4(excl), amount4(incl) - amount4(excl)
    return {"before_taxes": before, "taxes": [{"name": VAT, "amount": tax}] if tax else []}


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
        "uid": ascii_text(uid, 36) or NOT_AVAILABLE,
        "type": known_type
        or TOKEN_TYPES.get((token.token_type if token else "") or session.id_tag_type, "OTHER"),
        "contract_id": ascii_text(token.contract_id if token else "", 36) or NOT_AVAILABLE,
    }


def token_facts(token: IdToken, owner: tuple[str, str]) -> dict[str, str]:
    """The CdrToken of a token that we know, with country code and party id of its provider."""
    return {
        "country_code": owner[0],
        "party_id": owner[1],
        "uid": ascii_text(token.roaming_uid or token.uid, 36) or NOT_AVAILABLE,
        "type": token.roaming_type or TOKEN_TYPES.get(token.token_type, "OTHER"),
        "contract_id": ascii_text(token.contract_id, 36) or NOT_AVAILABLE,
    }


def session_id(session: Session) -> str:
    """Session.id: our uid, or that of the reservation that it began as (read with `reserved`)."""
    reserved = getattr(session, "reserved", None)
    return str(session.uid if reserved is None else reserved.uid)


def auth_method(session: Session) -> str:
    """AuthMethod: a command (also for a reservation alone), a question to the provider, or our own list."""
    if session.remote_start_id is not None or is_reservation_alone(session.flags):
        return "COMMAND"
    return "AUTH_REQUEST" if session.authorization_reference else "WHITELIST"


def older_method(method: str) -> str:
    """AuthMethod of 2.1.1, which knows no command: it came from the provider, too."""
    return "AUTH_REQUEST" if method == "COMMAND" else method


def location_id(session: Session) -> str:
    """Location.id of the place of a session."""
    return location_key(session.site_id, session.charge_point_id)


def evse_uid(session: Session) -> str:
    """EVSE.uid; `#NA` while the charge point named none."""
    return evse_uid_of(session.charge_point, session.evse_number)


def connector_id(session: Session) -> str:
    """Connector.id within its EVSE."""
    return str(session.connector_number or 1) if session.evse_number else NOT_AVAILABLE


def cdr_location(session: Session, own: Identity) -> dict[str, Any]:
    """The CdrLocation of a session (§10.4.3): the place as it is when the CDR is made."""
    site, charge_point = session.site, session.charge_point
    connector = connector_of(session)
    return {
        "id": location_id(session),
        "name": text(site.name if site else charge_point.location, 255) or None,
        "address": text(site.address if site else charge_point.location, 45) or NOT_AVAILABLE,
        "city": text(site.city if site else "", 45) or NOT_AVAILABLE,
        "postal_code": text(site.postal_code if site else "", 10) or None,
        "state": text(site.state if site else "", 20) or None,
        "country": (site.country if site else "") or NOT_AVAILABLE,
        "coordinates": {
            "latitude": degrees(site.latitude if site else None),
            "longitude": degrees(site.longitude if site else None),
        },
        "evse_uid": evse_uid(session),
        "evse_id": evse_id(charge_point, session.evse_number, own),
        "connector_id": connector_id(session),
        "connector_standard": connector["standard"],
        "connector_format": connector["format"],
        "connector_power_type": connector["power_type"],
    }


def connector_of(session: Session) -> dict[str, Any]:
    """Standard, format, power type, volts, amperes and watts of the connector that was used."""
    number = session.connector_number or 1
    powers = Connector.objects.filter(
        charge_point_id=session.charge_point_id, evse__number=session.evse_number, number=number
    ).values_list("max_power_w", flat=True)
    return plug(session.charge_point, session.evse_number, number, powers.first())


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
        ("RESERVATION_TIME", hours(Decimal(str(period.get("reservation_time_s", 0))))),
    )
    told = [{"type": kind, "volume": volume} for kind, volume in quantities if volume]
    measured = ((name.upper(), period.get(name)) for name in MEASURED)
    told += [{"type": kind, "volume": Decimal(str(value))} for kind, value in measured if value is not None]
    start = parse_moment(str(period["start_date_time"]))
    return {
        "start_date_time": start,
        "dimensions": told or [{"type": _silent(period), "volume": Decimal(0)}],
        "tariff_id": tariff_id,
    }


def _silent(period: Mapping[str, Any]) -> str:
    """What a period without any quantity is of: a reservation of which no time counts says so."""
    return "RESERVATION_TIME" if "reservation_time_s" in period else "TIME"


def running_period(session: Session) -> dict[str, Any]:
    """A session so far: energy, average power, and the state of charge where it is told (§10.4.6)."""
    told = [{"type": "ENERGY", "volume": kwh(session.energy_wh)}]
    lasted = (session.meter_last_at or session.started_at) - session.started_at
    if lasted > timedelta(0):
        average = Decimal(session.energy_wh) * HOUR / KILO / Decimal(lasted.total_seconds())
        told.append({"type": "POWER", "volume": amount4(average)})
    if session.state_of_charge is not None:
        told.append({"type": "STATE_OF_CHARGE", "volume": Decimal(session.state_of_charge)})
    return {"start_date_time": session.started_at, "dimensions": told}


def older_periods(periods: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """ChargingPeriods of 2.1.1, which knows fewer dimensions (2.1.1 cdrs §4.2); at least one in each."""
    return [
        {
            **period,
            "dimensions": [each for each in period["dimensions"] if each["type"] in DIMENSIONS_2_1_1]
            or [{"type": "TIME", "volume": Decimal(0)}],
        }
        for period in periods
    ]


def moment(value: datetime | str | None) -> datetime | None:
    """A time that may stand as text in one of our JSON columns."""
    return parse_moment(value) if isinstance(value, str) else value
