"""Costs on displays, by themselves: of running sessions now and then, of ended ones once.

2.x: CostUpdated (I02); 1.6: RunningCost and FinalCost of California pricing. Only charge points that show
costs are told, only while they are connected, and nothing is ordered because of history that arrives late.
"""

from collections.abc import Collection, Sequence, Set
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import structlog
from django.conf import settings
from django.db.models import Q

from central.models import Command, Connector, IdToken, Session
from central.models.command import CommandState
from central.models.session import SessionState
from central.ports import ports
from central.services.commands import command_create
from central.services.displays import shows_costs
from central.services.prepared import Prepared
from emobility.lib.errors import DomainError
from registry.models import ChargePoint

log = structlog.get_logger(__name__)

COST_UPDATE, RUNNING_COST, FINAL_COST, USER_PRICE = "cost_update", "running_cost", "final_cost", "user_price"
SOURCE: Final = "display"
FRESH: Final = timedelta(minutes=5)
"""What happened longer ago is history."""
PRICE_LIFE: Final = timedelta(minutes=1)
ID_TAG_LIMIT: Final = 20
REFUSED_FOR: Final = timedelta(hours=1)
"""How long a charge point is left alone that did not take a cost."""
UNDER_WAY: Final = (CommandState.QUEUED, CommandState.SENT)
REFUSED: Final = (CommandState.REJECTED, CommandState.FAILED, CommandState.TIMED_OUT)
IDLE: Final = frozenset({"SuspendedEV", "Finishing", "Idle"})
MOST: Final = 100_000

_told: dict[int, tuple[datetime, Decimal | None]] = {}
"""When this process looked at a session last, and the cost that was on its display then."""


def costs_show(*, session_ids: Set[int], now: datetime) -> int:
    """Tell displays what sessions that moved cost now, each after OCPP_COST_DISPLAY_SECONDS; how many."""
    pause = timedelta(seconds=settings.OCPP_COST_DISPLAY_SECONDS)
    due = [pk for pk in session_ids if pause and _is_due(pk, now, pause)]
    sessions = _shown(due, SessionState.ACTIVE, Q(meter_last_at__gt=now - FRESH), now)
    if len(_told) > MOST:
        _told.clear()
    _told.update((pk, (now, _told[pk][1] if pk in _told else None)) for pk in due)
    if not sessions:
        return 0
    costs = ports.running_cost([session.pk for session in sessions])
    busy = _busy(sessions, now)
    idle = _idle([session for session in sessions if session.ocpp_version == "1.6"])
    shown = 0
    for session in sessions:
        cost = costs.get(session.pk)
        if cost is None or session.pk in busy or cost.amount_incl == _told[session.pk][1]:
            continue
        if _order(session.charge_point, *_running(session, session.pk in idle), pause, now):
            _told[session.pk] = now, cost.amount_incl
            shown += 1
    return shown


def final_costs_show(*, session_ids: Collection[int], now: datetime) -> int:
    """Tell 1.6 displays what sessions came to that ended just now (2.x: in the answer to the end); how many.

    What waits for a person is not known yet.
    """
    ended = Q(ocpp_version="1.6", needs_review=False, provisional_end=False, ended_at__gt=now - FRESH)
    sessions = _shown(session_ids, SessionState.ENDED, ended, now)
    if not sessions:
        return 0
    costs = ports.running_cost([session.pk for session in sessions])
    done = _done(sessions)
    left = [session for session in sessions if session.pk in costs and session.pk not in done]
    return sum(
        _order(session.charge_point, FINAL_COST, {"session_id": session.pk}, FRESH, now) for session in left
    )


def user_price_show(*, charge_point_id: int, id_token_id: int, now: datetime) -> bool:
    """Tell the display of a 1.6 charge point what charging costs whoever has just shown a tag there."""
    charge_point = ChargePoint.objects.get(pk=charge_point_id)
    uid = IdToken.objects.values_list("uid", flat=True).get(pk=id_token_id)
    offer = ports.tariff_offer(charge_point_id=charge_point_id, tariff_id="", at=now, id_token_id=id_token_id)
    if offer is None or len(uid) > ID_TAG_LIMIT:
        return False
    return _order(charge_point, USER_PRICE, {"id_tag": uid, "text": offer.text}, PRICE_LIFE, now)


def costs_forget() -> None:
    """Forget what is on displays; it is told again with the next look."""
    _told.clear()


def _is_due(session_id: int, now: datetime, pause: timedelta) -> bool:
    known = _told.get(session_id)
    return known is None or now - known[0] >= pause


def _shown(session_ids: Collection[int], state: SessionState, condition: Q, now: datetime) -> list[Session]:
    """Those whose charge points are there and show costs: most do not, so sessions are read afterwards."""
    places = _connected.rows(sessions=list(session_ids), state=state.value)
    if not places:
        return []
    shown = shows_costs({point: organization for _, point, organization in places}, now=now)
    wanted = [session for session, point, _ in places if point in shown]
    if not wanted:
        return []
    rows = Session.objects.filter(condition, pk__in=wanted, state=state)
    return list(rows.select_related("charge_point"))


_connected: Final = Prepared(
    lambda sessions, state: (
        Session.objects.filter(
            pk__among=sessions, state=state, charge_point__live__connection_id__isnull=False
        )
        .order_by()
        .values_list("pk", "charge_point_id", "organization_id")
    )
)


def _running(session: Session, is_idle: bool) -> tuple[str, dict[str, Any]]:
    if session.ocpp_version == "1.6":
        return RUNNING_COST, {"session_id": session.pk, "idle": is_idle}
    return COST_UPDATE, {"session_id": session.pk, "transaction_id": session.transaction_id}


def _orders(sessions: Sequence[Session], *orders: str) -> Any:
    points = {session.charge_point_id for session in sessions}
    return Command.objects.filter(charge_point_id__in=points, order__in=orders, source=SOURCE)


def _busy(sessions: Sequence[Session], now: datetime) -> set[int]:
    """The sessions that wait for an order of the kind, or whose charge point did not take one lately."""
    rows = _orders(sessions, COST_UPDATE, RUNNING_COST)
    waiting = rows.filter(state__in=UNDER_WAY).values_list("params", flat=True)
    refused = rows.filter(state__in=REFUSED, created_at__gt=now - REFUSED_FOR)
    points = set(refused.values_list("charge_point_id", flat=True))
    busy = {params["session_id"] for params in waiting}
    return busy | {session.pk for session in sessions if session.charge_point_id in points}


def _done(sessions: Sequence[Session]) -> set[int]:
    """The sessions whose final cost was ordered already."""
    since = min(session.started_at for session in sessions)
    rows = _orders(sessions, FINAL_COST).filter(created_at__gte=since)
    return {params["session_id"] for params in rows.values_list("params", flat=True)}


def _idle(sessions: Sequence[Session]) -> set[int]:
    """The 1.6 sessions whose connectors say that the car takes nothing."""
    if not sessions:
        return set()
    rows = Connector.objects.filter(
        charge_point_id__in={session.charge_point_id for session in sessions}, status__in=IDLE
    )
    places = set(rows.values_list("charge_point_id", "evse__number"))
    return {each.pk for each in sessions if (each.charge_point_id, each.evse_number) in places}


def _order(
    charge_point: ChargePoint, order: str, params: dict[str, Any], ttl: timedelta, now: datetime
) -> bool:
    try:
        command_create(charge_point=charge_point, order=order, params=params, source=SOURCE, ttl=ttl, now=now)
    except DomainError as error:
        log.info("costs.not_shown", charge_point=charge_point.cp_id, error=error.message)
        return False
    return True
