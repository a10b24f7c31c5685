"""Our CDRs as OCPI CDR objects: made once in the form of 2.3.0, told in the partner's (2.2.1 §10.3.1)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from billing.models import Cdr
from billing.models.cdr import CdrKind
from billing.selectors.signed_data import signed_values
from ocpi.core import facts
from ocpi.core.convert import place_of, price_from, price_to, tariff_from, tariff_to
from ocpi.core.money_objects import TARIFF
from ocpi.core.versions import V211, V230
from ocpi.models import SealedCdr
from ocpi.modules.cdrs.schema import CDR
from ocpi.selectors.identity import Identity

PRICES = frozenset(
    {
        "total_cost",
        "total_fixed_cost",
        "total_energy_cost",
        "total_time_cost",
        "total_parking_cost",
        "total_reservation_cost",
    }
)
COSTS = {
    "total_fixed_cost": "fixed",
    "total_energy_cost": "energy",
    "total_time_cost": "time",
    "total_parking_cost": "parking",
    "total_reservation_cost": "reservation",
}
RELATED = (
    "session__charge_point",
    "session__site",
    "session__organization",
    "session__id_token__party",
    "session__reserved",
    "credit_of",
)


def cdr_render(cdr: Cdr, own: Identity) -> dict[str, Any]:
    """The object of a CDR that was read with RELATED; raises ParametersInvalid where a rule is broken."""
    session = cdr.session
    return CDR.render(
        {
            "country_code": own.country_code,
            "party_id": own.party_id,
            "id": cdr.cdr_id,
            "start_date_time": cdr.started_at,
            "end_date_time": cdr.ended_at,
            "session_id": facts.session_id(session),
            "cdr_token": facts.cdr_token(session, own),
            "auth_method": facts.auth_method(session),
            "authorization_reference": session.authorization_reference or None,
            "cdr_location": facts.cdr_location(session, own),
            "currency": cdr.currency,
            "tariffs": _tariffs(cdr, own),
            "charging_periods": facts.charging_periods(cdr),
            "signed_data": cdr.signed_data or signed_values(session),
            **_totals(cdr),
            **_credit(cdr),
            "last_updated": cdr.released_at or cdr.created_at,
        },
        V230,
    )


def cdr_tell(sealed: SealedCdr, version: str) -> dict[str, Any]:
    """A sealed CDR as a version has it: always the same, however often it is asked for."""
    payload: dict[str, Any] = sealed.payload
    if sealed.version == version:
        return payload
    rich = payload if sealed.version == V230 else _risen(payload)
    if version == V230:
        return rich
    found = {name: price_to(version, part) if name in PRICES else part for name, part in rich.items()}
    if tariffs := rich.get("tariffs"):
        found["tariffs"] = [tariff_to(version, tariff) for tariff in tariffs]
    return CDR.cut(_of_2_1_1(found, sealed) if version == V211 else found, version)


def _risen(payload: Mapping[str, Any]) -> dict[str, Any]:
    """A CDR that was sealed in 2.2.1."""
    found = {name: price_from(part) if name in PRICES else part for name, part in payload.items()}
    if found.get("tariffs"):
        found["tariffs"] = [tariff_from(tariff) for tariff in found["tariffs"]]
    return found


def _of_2_1_1(value: dict[str, Any], sealed: SealedCdr) -> dict[str, Any]:
    """With the whole location inside; what credits another CDR says so in its remark."""
    older = {
        "stop_date_time": value["end_date_time"],
        "auth_id": value["cdr_token"]["contract_id"],
        "auth_method": facts.older_method(value["auth_method"]),
        "charging_periods": facts.older_periods(value["charging_periods"]),
        "location": place_of(value["cdr_location"], sealed.place or {}, value["last_updated"]),
    }
    if value.get("credit"):
        older["remark"] = f"Credit of {value['credit_reference_id']}"
    return {**value, **older}


def _totals(cdr: Cdr) -> dict[str, Any]:
    costs = {
        name: facts.price(Decimal(cost["excl_vat"]), Decimal(cost["incl_vat"]))
        for name, key in COSTS.items()
        if (cost := cdr.costs.get(key)) is not None
    }
    parking = {"total_parking_time": facts.hours(cdr.parking_time_s)} if cdr.parking_time_s else {}
    return {
        "total_cost": facts.price(cdr.total_cost_excl, cdr.total_cost_incl),
        "total_energy": facts.kwh(cdr.energy_wh),
        "total_time": facts.hours(cdr.total_time_s),
        **costs,
        **parking,
    }


def _credit(cdr: Cdr) -> dict[str, Any]:
    """A credit CDR repeats the original with a negative total only (§10.1.1)."""
    if cdr.kind != CdrKind.CREDIT or cdr.credit_of is None:
        return {}
    total = facts.price(-abs(cdr.total_cost_excl), -abs(cdr.total_cost_incl))
    return {"credit": True, "credit_reference_id": cdr.credit_of.cdr_id, "total_cost": total}


def _tariffs(cdr: Cdr, own: Identity) -> list[dict[str, Any]]:
    """The tariff as it was when the session began, under our own party."""
    if not cdr.tariff:
        return []
    owned = {**cdr.tariff, "country_code": own.country_code, "party_id": own.party_id}
    return [TARIFF.parse(tariff_from(_numbers(owned)), V230)]


AMOUNTS = frozenset({"price", "vat", "excl_vat", "incl_vat", "step_size"})


def _numbers(value: Any, name: str = "") -> Any:
    """Amounts that our JSON keeps as text, as numbers."""
    if isinstance(value, dict):
        return {key: _numbers(part, key) for key, part in value.items() if part is not None}
    if isinstance(value, list):
        return [_numbers(part) for part in value]
    is_amount = name in AMOUNTS or name.startswith(("min_", "max_"))
    return Decimal(value) if isinstance(value, str) and is_amount else value
