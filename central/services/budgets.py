"""Budgets of groups of tags: how much of a period's energy or money is used, running sessions included.

A session counts whole in the period in which it began, by the calendar of the organisation's time zone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Sum

from central.models import IdTokenGroup, Session
from central.models.id_token import BudgetPeriod
from central.ports import ports

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Budget:
    """A budget and what of it is used in one period: Wh (currency '') or money incl. VAT.

    `other` is what was spent in other currencies; it cannot be counted.
    """

    period: BudgetPeriod
    start: datetime
    end: datetime
    limit: Decimal
    used: Decimal
    currency: str = ""
    other: Mapping[str, Decimal] | None = None

    @property
    def left(self) -> Decimal:
        """What may still be used; never below nothing."""
        return max(NOTHING, self.limit - self.used)

    @property
    def is_used_up(self) -> bool:
        """True where nothing is left."""
        return self.used >= self.limit


def period_bounds(period: str, at: datetime, zone: str) -> tuple[datetime, datetime]:
    """Start and end of the day, the week (from Monday) or the month around a moment, at midnight there."""
    local = ZoneInfo(zone)
    day = at.astimezone(local).date()
    if period == BudgetPeriod.MONTH:
        first = day.replace(day=1)
        after = (first + timedelta(days=32)).replace(day=1)
    else:
        first = day - timedelta(days=day.weekday()) if period == BudgetPeriod.WEEK else day
        after = first + timedelta(days=7 if period == BudgetPeriod.WEEK else 1)
    midnight = time(0, tzinfo=local)
    return datetime.combine(first, midnight), datetime.combine(after, midnight)


def group_budgets(group: IdTokenGroup, at: datetime) -> list[Budget]:
    """The group's budgets in the periods around a moment (needs `organization` at hand).

    Two statements for energy; for money what billing's answer costs.
    """
    found = []
    zone = group.organization.time_zone
    if group.energy_budget_wh is not None:
        start, end = period_bounds(group.energy_period, at, zone)
        used = Decimal(energy_used(group.pk, start, end))
        limit = Decimal(group.energy_budget_wh)
        found.append(Budget(BudgetPeriod(group.energy_period), start, end, limit, used))
    if group.money_budget is not None:
        start, end = period_bounds(group.money_period, at, zone)
        spent = dict(ports.group_spend(group.pk, start, end))
        currency = group.organization.currency
        used = spent.pop(currency, NOTHING)
        period = BudgetPeriod(group.money_period)
        found.append(Budget(period, start, end, group.money_budget, used, currency, spent))
    return found


def energy_used(group_id: int, start: datetime, end: datetime) -> int:
    """Wh of the group's sessions that began in a period, up to their latest meter values.

    Where a person put another energy on the bill, or billed nothing, that counts.
    """
    sessions = Session.objects.filter(token_group=group_id, started_at__gte=start, started_at__lt=end)
    total: int | None = sessions.aggregate(total=Sum("energy_wh"))["total"]
    return (total or 0) - (ports.group_corrected(group_id, start, end) if total else 0)
