"""Sessions of a group whose budget is used up are stopped by an order that waits; a refused one is repeated.

After ATTEMPTS in vain the session's bill waits for a person, who sees that it charges on.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from central.models import Command, IdTokenGroup, Session
from central.models.command import CommandState
from central.models.review import Remark, ReviewReason
from central.models.session import SessionState
from central.services import reviews
from central.services.budgets import Budget, group_budgets, period_bounds
from central.services.commands import REMOTE_STOP, remote_stop
from central.services.session_rows import updates_tell
from central.signals import session_updated
from emobility.lib.bell import after_commit
from emobility.lib.errors import Conflict

SOURCE: Final = "budget"
TTL: Final = timedelta(days=1)
"""A charge point that is offline gets the order when it is back."""
ATTEMPTS: Final = 3
PAUSE: Final = timedelta(minutes=5)
UNDER_WAY: Final = (CommandState.QUEUED, CommandState.SENT)
log = structlog.get_logger(__name__)


def budgets_enforce(*, now: datetime) -> int:
    """Stop the sessions of groups whose budget is used up. Returns how many stops were ordered.

    One statement for all groups; for each with a budget and running sessions one more, and its budgets.
    """
    running = Session.objects.filter(token_group=OuterRef("pk"), state=SessionState.ACTIVE)
    limited = Q(energy_budget_wh__isnull=False) | Q(money_budget__isnull=False)
    groups = IdTokenGroup.objects.filter(limited, Exists(running)).select_related("organization")
    return sum(_enforced(group, now) for group in groups)


def _enforced(group: IdTokenGroup, now: datetime) -> int:
    """One group; what fails there leaves the budgets of the others in force."""
    try:
        return _enforce(group, now)
    except Exception:
        log.exception("budget.not_enforced", group_id=group.pk)
        return 0


def _enforce(group: IdTokenGroup, now: datetime) -> int:
    sessions = list(Session.objects.filter(token_group=group, state=SessionState.ACTIVE).order_by("pk"))
    waiting = [each for each in sessions if Remark.BUDGET_REACHED not in each.flags]
    ordered = [each for each in sessions if Remark.BUDGET_REACHED in each.flags]
    again = _refused(ordered, now) if ordered else {}
    waiting += [each for each in ordered if again.get(each.pk, ATTEMPTS) < ATTEMPTS]
    for session_id, attempts in again.items():
        if attempts >= ATTEMPTS:
            _give_up(session_id)
    stopped = 0
    for moment, begun in _by_period(group, waiting).items():
        used_up = next((each for each in group_budgets(group, moment) if each.is_used_up), None)
        if used_up is not None:
            stopped += sum(_stop(session.pk, group, used_up, now) for session in begun)
    return stopped


def _by_period(group: IdTokenGroup, sessions: Iterable[Session]) -> dict[datetime, Sequence[Session]]:
    """Sessions by the shortest of the group's periods in which they began: a moment of it for each."""
    found: dict[tuple[datetime, datetime], list[Session]] = {}
    zone = group.organization.time_zone
    for session in sessions:
        starts = [
            period_bounds(each, session.started_at, zone)[0]
            for each in (group.energy_period, group.money_period)
        ]
        found.setdefault((starts[0], starts[1]), []).append(session)
    return {each[0].started_at: each for each in found.values()}


def _stop(session_id: int, group: IdTokenGroup, budget: Budget, now: datetime) -> bool:
    """Order the stop of one session and note it there; False where it has ended or the stop is ordered."""
    try:
        with transaction.atomic():
            session = Session.objects.select_for_update(of=("self",)).get(pk=session_id)
            if session.state != SessionState.ACTIVE or _is_ordered(session, now):
                return False
            reviews.remark(session, Remark.BUDGET_REACHED)
            session.save(update_fields=["flags", "updated_at"])
            remote_stop(session=session, reason=_reason(group, budget), source=SOURCE, ttl=TTL, now=now)
            updates_tell([session.pk], now=now)
            after_commit(session_updated, session_id=session.pk)
    except Conflict as error:
        # Too many orders wait there: the next look tries again.
        log.warning("budget.stop_waits", session_id=session_id, error=error.message)
        return False
    return True


def _is_ordered(session: Session, now: datetime) -> bool:
    """True where the stop is on its way, or was tried often enough; of a locked session."""
    if Remark.BUDGET_REACHED not in session.flags:
        return False
    return _refused([session], now).get(session.pk, ATTEMPTS) >= ATTEMPTS


def _refused(sessions: Sequence[Session], now: datetime) -> Mapping[int, int]:
    """Sessions whose latest stop failed PAUSE ago, or was accepted and they charge on: how often was tried.

    Who took a stop back wants the session to go on.
    """
    orders: dict[int, list[Command]] = {session.pk: [] for session in sessions}
    points = {session.charge_point_id for session in sessions}
    since = min(session.start_received_at for session in sessions)
    rows = Command.objects.filter(charge_point__in=points, order=REMOTE_STOP, source=SOURCE)
    for command in rows.filter(created_at__gte=since).order_by("pk"):
        orders.get(command.params.get("session_id"), []).append(command)
    return {
        session.pk: len(orders[session.pk])
        for session in sessions
        if not orders[session.pk] or _is_in_vain(orders[session.pk][-1], session, now)
    }


def _is_in_vain(command: Command, session: Session, now: datetime) -> bool:
    ended = command.finished_at or command.expires_at
    if command.state in UNDER_WAY or command.state == CommandState.CANCELLED or ended > now - PAUSE:
        return False
    read_at = session.meter_last_at or session.started_at
    return command.state != CommandState.ACCEPTED or read_at > ended + PAUSE


def _give_up(session_id: int) -> None:
    """Put a session that charges on before a person: its bill is held, and says why."""
    with transaction.atomic():
        session = Session.objects.select_for_update(of=("self",)).get(pk=session_id)
        if session.state != SessionState.ACTIVE or ReviewReason.CHARGED_ON in session.review_reasons:
            return
        reviews.hold(session, ReviewReason.CHARGED_ON)
        session.save(update_fields=["needs_review", "review_reasons", "updated_at"])
        after_commit(session_updated, session_id=session.pk)
    log.warning("budget.charges_on", session_id=session_id)


def _reason(group: IdTokenGroup, budget: Budget) -> str:
    amount, unit = budget.used, budget.currency
    limit = budget.limit
    if not unit:
        amount, limit, unit = amount / 1000, limit / 1000, "kWh"
    return _("Budget of {group} used up: {used} of {limit} {unit} this {period}").format(
        group=group, used=_plain(amount), limit=_plain(limit), unit=unit, period=budget.period.label
    )


def _plain(amount: Decimal) -> str:
    return f"{amount.quantize(Decimal('0.001')).normalize():f}"
