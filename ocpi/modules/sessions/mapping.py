"""Our sessions as OCPI Session objects (2.1.1 sessions §3.1, 2.2.1 §9.3.1)."""

from collections.abc import Sequence
from typing import Any

from billing.models import Cdr
from billing.models.cdr import CdrKind
from central.models import Session
from central.models.session import SessionState
from central.ports import RunningCost, ports
from ocpi.core import facts
from ocpi.core.convert import place_of, price_to
from ocpi.core.versions import V211, V230
from ocpi.modules.sessions.schema import SESSION
from ocpi.selectors.identity import Identity

RELATED = ("charge_point", "site", "organization", "id_token__party", "reserved")


def sessions_render(sessions: Sequence[Session], own: Identity, version: str) -> list[dict[str, Any]]:
    """The objects of sessions that were read with RELATED, with what they cost so far."""
    ids = [session.pk for session in sessions]
    costs = ports.running_cost(ids) if ids else {}
    finished = Cdr.objects.ready_for_delivery().filter(session_id__in=ids, credits__isnull=True)
    cdrs = {cdr.session_id: cdr for cdr in finished.exclude(kind=CdrKind.CREDIT).order_by("pk")}
    told = (_object(session, own, cdrs.get(session.pk), costs.get(session.pk)) for session in sessions)
    return [
        SESSION.render(_in(version, each, session, own), version)
        for each, session in zip(told, sessions, strict=True)
    ]


def _in(version: str, value: dict[str, Any], session: Session, own: Identity) -> dict[str, Any]:
    """The object as a version has it; 2.1.1 wants the whole location inside."""
    found = value if version == V230 else {**value, "total_cost": price_to(version, value.get("total_cost"))}
    if version == V211:
        spot = facts.cdr_location(session, own)
        found |= {
            "start_datetime": value["start_date_time"],
            "end_datetime": value["end_date_time"],
            "auth_id": value["cdr_token"]["contract_id"],
            "auth_method": facts.older_method(value["auth_method"]),
            "charging_periods": facts.older_periods(value.get("charging_periods") or ()),
            "location": place_of(spot, facts.connector_of(session), session.updated_at),
        }
    return SESSION.cut(found, version)


def status_of(session: Session) -> str:
    """SessionStatus: a provisional end may still be replaced, so it is not told as one."""
    ended = session.state == SessionState.ENDED and not session.provisional_end
    return "COMPLETED" if ended else "ACTIVE"


def _object(session: Session, own: Identity, cdr: Cdr | None, cost: RunningCost | None) -> dict[str, Any]:
    status = status_of(session)
    return {
        "country_code": own.country_code,
        "party_id": own.party_id,
        "id": facts.session_id(session),
        "start_date_time": session.started_at,
        "end_date_time": session.ended_at if status == "COMPLETED" else None,
        "kwh": facts.kwh(session.energy_wh),
        "cdr_token": facts.cdr_token(session, own),
        "auth_method": facts.auth_method(session),
        "authorization_reference": session.authorization_reference or None,
        "location_id": facts.location_id(session),
        "evse_uid": facts.evse_uid(session),
        "connector_id": facts.connector_id(session),
        "status": status,
        "last_updated": session.updated_at,
        **_money(session, cdr, cost),
    }


def _money(session: Session, cdr: Cdr | None, cost: RunningCost | None) -> dict[str, Any]:
    """Currency, total, periods (one while it runs); nothing of a price that waits for a person."""
    if cdr is not None:
        return {
            "currency": cdr.currency,
            "total_cost": facts.price(cdr.total_cost_excl, cdr.total_cost_incl),
            "charging_periods": facts.charging_periods(cdr),
        }
    if cost is None or session.needs_review:
        return {"currency": cost.currency if cost else session.organization.currency}
    found: dict[str, Any] = {
        "currency": cost.currency,
        "total_cost": facts.price(cost.amount_excl, cost.amount_incl),
    }
    if session.state == SessionState.ACTIVE:
        found["charging_periods"] = [facts.running_period(session)]
    return found
