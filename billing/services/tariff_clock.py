"""Which elements of a tariff the clock and the calendar allow, in the local time of a place.

Wall clock time is asked moment by moment: an hour that the autumn repeats counts twice, one that the spring
skips counts never. For a stretch of UTC the answer is worked out once and kept.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from billing.services.tariff_structure import WEEKDAYS, Restrictions

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
KEPT_DAYS = 2000
MIDNIGHT = time(0)
FOREVER = datetime.max.replace(tzinfo=UTC)
Span = tuple[datetime, datetime, int]
"""From, until, and a number whose bit n says that the clock allows element n."""


def is_clocked(restrictions: Restrictions) -> bool:
    """True where the restrictions speak of times, dates or days of the week."""
    named = (
        restrictions.start_time,
        restrictions.end_time,
        restrictions.start_date,
        restrictions.end_date,
    )
    return any(value is not None for value in named) or bool(restrictions.day_of_week)


def clock_allows(restrictions: Restrictions, local: datetime) -> bool:
    """True where times, dates and days of the week match at a moment of the place's wall clock."""
    day = local.date()
    if restrictions.day_of_week and WEEKDAYS[day.weekday()] not in restrictions.day_of_week:
        return False
    if restrictions.start_date is not None and day < restrictions.start_date:
        return False
    if restrictions.end_date is not None and day >= restrictions.end_date:
        return False
    return _time_allows(restrictions.start_time, restrictions.end_time, local.time())


def _time_allows(start: time | None, end: time | None, now: time) -> bool:
    """`00:00` as an end is the end of the day; an end before the start is on the next day; equal: all day."""
    first, last = start or MIDNIGHT, end or MIDNIGHT
    if first < last:
        return first <= now < last
    return now >= first or now < last


class TariffClock:
    """Answers for one tariff at one place; `rules` are the restrictions of its elements in their order."""

    def __init__(self, rules: Sequence[Restrictions], zone: str) -> None:
        self._rules = [(bit, rule) for bit, rule in enumerate(rules) if is_clocked(rule)]
        free = sum(1 << bit for bit, rule in enumerate(rules) if not is_clocked(rule))
        self._free = free
        self._zone = ZoneInfo(zone)
        self._days: dict[date, list[Span]] = {}

    def span(self, at: datetime) -> Span:
        """The stretch around a moment (UTC) in which the answer stays the same."""
        if not self._rules:
            return datetime.min.replace(tzinfo=UTC), FOREVER, self._free
        day = at.date()
        spans = self._days.get(day)
        if spans is None:
            if len(self._days) >= KEPT_DAYS:
                self._days.clear()
            spans = self._days[day] = list(self._spans(day))
        return spans[bisect_right(spans, at, key=lambda span: span[0]) - 1]

    def _spans(self, day: date) -> Iterator[Span]:
        """The stretches of a day of UTC."""
        start = datetime.combine(day, MIDNIGHT, UTC)
        marks = sorted({start, *(mark for mark in self._marks(start) if start < mark < start + DAY)})
        masks = [self._mask(mark) for mark in marks]
        begun, current = marks[0], masks[0]
        for mark, mask in zip(marks, masks, strict=True):
            if mask != current:
                yield begun, mark, current
                begun, current = mark, mask
        yield begun, start + DAY, current

    def _mask(self, at: datetime) -> int:
        local = at.astimezone(self._zone)
        return self._free + sum(1 << bit for bit, rule in self._rules if clock_allows(rule, local))

    def _marks(self, start: datetime) -> Iterator[datetime]:
        """Every moment of a day of UTC at which something may begin or end."""
        times = {MIDNIGHT}
        for _bit, rule in self._rules:
            times |= {each for each in (rule.start_time, rule.end_time) if each is not None}
        first = start.astimezone(self._zone).date()
        for offset in (-1, 0, 1, 2):
            for moment in times:
                local = datetime.combine(first + timedelta(days=offset), moment, self._zone)
                yield local.astimezone(UTC)
                yield local.replace(fold=1).astimezone(UTC)
        yield from self._turn(start)

    def _turn(self, start: datetime) -> Iterator[datetime]:
        """The moment at which the zone's clocks are put forward or back, where there is one that day."""
        low, high = start, start + DAY
        before = low.astimezone(self._zone).utcoffset()
        if before == high.astimezone(self._zone).utcoffset():
            return
        while high - low > SECOND:
            middle = low + (high - low) // 2
            if middle.astimezone(self._zone).utcoffset() == before:
                low = middle
            else:
                high = middle
        yield high.replace(microsecond=0)
