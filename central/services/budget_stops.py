"""Sessions of a group whose budget is used up are stopped: once each, by an order that waits."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from central.models import IdTokenGroup, Session
from central.models.review import Remark
from central.models.session import SessionState
from central.services import reviews
from central.services.budgets import Budget, group_budgets, period_bounds
from central.services.commands import remote_stop
from central.services.session_rows import updates_tell
from central.signals import session_updated
from emobility.lib.bell import after_commit
from emobility.lib.errors import Conflict

SOURCE: Final = "budget"
TTL: Final = timedelta(days=1)
"""A charge point that is offline gets the order when it is back."""
log = structlog.get_logger(__name__)


def budgets_enforce(*, now: datetime) -> int:
    """Stop the sessions of groups whose budget is used up. Returns how many stops were ordered.

    One statement for all groups; for each with a budget and running sessions one more, and its budgets.
    """
    running = Session.objects.filter(token_group=OuterRef("pk"), state=SessionState.ACTIVE)
    limited = Q(energy_budget_wh__isnull=False) | Q(money_budget__isnull=False)
    groups = IdTokenGroup.objects.filter(limited, Exists(running)).select_related("organization")
    return sum(_enforce(group, now) for group in groups)


def _enforce(group: IdTokenGroup, now: datetime) -> int:
    sessions = list(Session.objects.filter(token_group=group, state=SessionState.ACTIVE).order_by("pk"))
    waiting = [each for each in sessions if Remark.BUDGET_REACHED not in each.flags]
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
            if session.state != SessionState.ACTIVE or Remark.BUDGET_REACHED in session.flags:
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
