"""The periods of statistics: hours, days, weeks and months as the clocks of a place show them."""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

from django.utils.translation import gettext as _

from emobility.lib.errors import Invalid

HOUR, DAY, WEEK, MONTH = "hour", "day", "week", "month"
USUAL: Final = {HOUR: 1, DAY: 30, WEEK: 12 * 7, MONTH: 365}
"""Days that are shown where nobody says from when."""
MOST: Final = 1000


@dataclass(frozen=True, slots=True)
class Periods:
    """Moments at which one period ends and the next begins, in UTC: one more than there are periods."""

    bounds: tuple[datetime, ...]

    @property
    def begin(self) -> datetime:
        """When the first begins."""
        return self.bounds[0]

    @property
    def end(self) -> datetime:
        """When the last ends."""
        return self.bounds[-1]

    def __len__(self) -> int:
        return len(self.bounds) - 1

    def at(self, moment: datetime) -> int:
        """The period of a moment within [begin, end)."""
        return bisect_right(self.bounds, moment) - 1

    def pieces(self, begin: datetime, end: datetime) -> Iterator[tuple[int, float]]:
        """What of [begin, end) lies in each period, in seconds."""
        begin, end = max(begin, self.begin), min(end, self.end)
        number = self.at(begin)
        while begin < end:
            until = min(end, self.bounds[number + 1])
            yield number, (until - begin).total_seconds()
            begin, number = until, number + 1


def zone_named(name: str) -> ZoneInfo:
    """The time zone. Raises Invalid for an unknown one."""
    if name not in available_timezones():
        raise Invalid(
            _("Some values are wrong."), {"time_zone": _("Unknown time zone; name one like Europe/Berlin.")}
        )
    return ZoneInfo(name)


def periods_between(begin: datetime, end: datetime, period: str, zone: ZoneInfo) -> Periods:
    """The periods from `begin` to `end`; the first and the last may be cut. Raises Invalid."""
    if begin >= end:
        raise Invalid(_("Some values are wrong."), {"from": _("It must lie before `to`.")})
    bounds = [begin.astimezone(UTC)]
    for moment in _turns(begin, period, zone):
        if moment >= end:
            break
        bounds.append(moment)
        if len(bounds) > MOST:
            text = _("This would be more than %(most)s periods; ask for longer ones or less time.")
            raise Invalid(_("Some values are wrong."), {"period": text % {"most": MOST}})
    return Periods((*bounds, end.astimezone(UTC)))


def _turns(begin: datetime, period: str, zone: ZoneInfo) -> Iterator[datetime]:
    """The moments at which a period ends, after `begin`."""
    if period == HOUR:
        local = begin.astimezone(zone)
        moment = (begin - timedelta(minutes=local.minute, seconds=local.second)).replace(microsecond=0)
        while True:
            moment += timedelta(hours=1)
            yield moment.astimezone(UTC)
    day = begin.astimezone(zone).date()
    while True:
        day = _NEXT[period](day)
        yield datetime.combine(day, time.min, zone).astimezone(UTC)


_NEXT: Final[dict[str, Callable[[date], date]]] = {
    DAY: lambda day: day + timedelta(days=1),
    WEEK: lambda day: day + timedelta(days=7 - day.weekday()),
    MONTH: lambda day: (day.replace(day=1) + timedelta(days=32)).replace(day=1),
}


def usual_begin(end: datetime, period: str, zone: ZoneInfo) -> datetime:
    """Where statistics begin unless told: so many days before, at the turn of a day there."""
    before: Any = end.astimezone(zone) - timedelta(days=USUAL[period])
    if period == HOUR:
        return end - timedelta(days=1)
    day = before.date().replace(day=1) if period == MONTH else before.date()
    return datetime.combine(day, time.min, zone).astimezone(UTC)
