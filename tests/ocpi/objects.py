"""Objects of partners in each version: sessions and CDRs, as their receivers take them."""

from typing import Any

from tests.ocpi.test_received_places import location

OWNER = ("NL", "TST")
STAMP = "2026-02-01T00:00:00Z"


def owned(version: str, owner: tuple[str, str]) -> dict[str, str]:
    """The owner inside an object: 2.1.1 has none."""
    return {} if version == "2.1.1" else {"country_code": owner[0], "party_id": owner[1]}


def session(version: str, owner: tuple[str, str] = OWNER, **changes: Any) -> dict[str, Any]:
    """A session that is under way."""
    common = {"id": "S1", "kwh": 4.2, "auth_method": "WHITELIST", "currency": "EUR", "status": "ACTIVE"}
    if version == "2.1.1":
        of_version = {"start_datetime": STAMP, "auth_id": "NL-TST-C1", "location": location(version)}
    else:
        place = {"location_id": "LOC1", "evse_uid": "E1", "connector_id": "1"}
        of_version = {"start_date_time": STAMP, "cdr_token": _token(version), **place}
    return {**owned(version, owner), **common, **of_version, "last_updated": STAMP, **changes}


def cdr(version: str, owner: tuple[str, str] = OWNER, **changes: Any) -> dict[str, Any]:
    """A CDR of one hour and 4.2 kWh."""
    period = {"start_date_time": STAMP, "dimensions": [{"type": "ENERGY", "volume": 4.2}]}
    common: dict[str, Any] = {"id": "C1", "auth_method": "WHITELIST", "currency": "EUR"}
    common |= {"charging_periods": [period]}
    common |= {"start_date_time": STAMP, "total_energy": 4.2, "total_time": 1, "last_updated": STAMP}
    if version == "2.1.1":
        of_version: dict[str, Any] = {"stop_date_time": STAMP, "auth_id": "NL-TST-C1", "total_cost": 2.1}
        return {**common, **of_version, "location": location(version), **changes}
    net = "before_taxes" if version == "2.3.0" else "excl_vat"
    of_version = {"end_date_time": STAMP, "cdr_token": _token(version), "total_cost": {net: 2.1}}
    return {**owned(version, owner), **common, **of_version, "cdr_location": _place(), **changes}


def _token(version: str) -> dict[str, str]:
    return {**owned(version, ("DE", "EMP")), "uid": "04AB", "type": "RFID", "contract_id": "DE-EMP-C1"}


def _place() -> dict[str, Any]:
    return {
        "id": "LOC1",
        "address": "Plein 1",
        "city": "Delft",
        "country": "NLD",
        "coordinates": {"latitude": "52.011580", "longitude": "4.357070"},
        "evse_uid": "E1",
        "evse_id": "NL*TST*E1",
        "connector_id": "1",
        "connector_standard": "IEC_62196_T2",
        "connector_format": "SOCKET",
        "connector_power_type": "AC_3_PHASE",
    }
