"""Whether conditions leave anything free between them: all combinations at their bounds are tried."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from math import prod
from typing import Any, Final

from billing.services.tariff_clock import clock_allows
from billing.services.tariff_structure import Restrictions

DAY: Final = timedelta(days=1)
MOST: Final = 20_000
"""Combinations; beyond them nobody could tell by looking either, and nothing is said."""
RANGES: Final = (
    ("min_kwh", "max_kwh"),
    ("min_duration", "max_duration"),
    ("min_power", "max_power"),
    ("min_current", "max_current"),
)


def weekly(rule: Restrictions) -> Restrictions:
    """What a rule says of times and days of the week."""
    return Restrictions(rule.start_time, rule.end_time, day_of_week=rule.day_of_week)


def week_moments(rules: Sequence[Restrictions]) -> Iterator[datetime]:
    """A moment of each stretch of a week in which none of the rules changes."""
    times = {time(0)} | {each for rule in rules for each in (rule.start_time, rule.end_time) if each}
    monday = date(2026, 1, 5)
    for offset, at in product(range(7), sorted(times)):
        yield datetime.combine(monday + offset * DAY, at, UTC)


def has_gap(rules: Sequence[Restrictions]) -> bool:
    """True where at some time, amount, duration, power, current and day none of the rules holds."""
    axes = [_satisfied(rules, list(week_moments(rules)), _holds_in_week), _dates(rules)]
    axes += [_range(rules, low, high) for low, high in RANGES]
    if prod(len(axis) for axis in axes) > MOST:
        return False
    everything = frozenset(range(len(rules)))
    return any(not everything.intersection(*cell) for cell in product(*axes))


Axis = list[frozenset[int]]
"""For each different stretch of an axis the rules that hold there, as far as this axis says."""


def _satisfied(rules: Sequence[Restrictions], points: Sequence[Any], holds: Any) -> Axis:
    found = {frozenset(number for number, rule in enumerate(rules) if holds(rule, point)) for point in points}
    return list(found)


def _holds_in_week(rule: Restrictions, at: datetime) -> bool:
    return clock_allows(weekly(rule), at)


def _dates(rules: Sequence[Restrictions]) -> Axis:
    bounds = {each for rule in rules for each in (rule.start_date, rule.end_date) if each is not None}
    return _satisfied(rules, [date.min, *sorted(bounds)], _holds_on)


def _holds_on(rule: Restrictions, day: date) -> bool:
    begun = rule.start_date is None or rule.start_date <= day
    return begun and (rule.end_date is None or day < rule.end_date)


def _range(rules: Sequence[Restrictions], low: str, high: str) -> Axis:
    bounds = {getattr(rule, name) for rule in rules for name in (low, high)} - {None}

    def holds(rule: Restrictions, at: Any) -> bool:
        end = getattr(rule, high)
        return (getattr(rule, low) or 0) <= at and (end is None or at < end)

    return _satisfied(rules, [0, *sorted(bounds)], holds)
