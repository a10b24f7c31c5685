"""Hours of a group as people write them: "Mon-Fri 07:00-19:00, Sat 09:00-12:00"; one line of text.

Without days a span holds every day. A span that ends before it begins goes on after midnight, and that part
belongs to the day on which it began. 24:00 is the end of the day.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from django.utils.translation import gettext as _

from emobility.lib.errors import Invalid
from emobility.lib.week import days_read, days_write

DAY_MINUTES: Final = 24 * 60
LONGEST: Final = 200
SPAN: Final = re.compile(r"(?:(?P<days>[A-Za-z]{2,3}(?:-[A-Za-z]{2,3})?) )?(?P<start>\S{5})-(?P<end>\S{5})")
CLOCK: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00")


@dataclass(frozen=True, slots=True)
class Span:
    """Minutes of the day on some days of the week (0 is Monday); `end` above 1440 is on the next day."""

    days: frozenset[int]
    start: int
    end: int

    def allows(self, weekday: int, minute: int) -> bool:
        """True where the moment is inside, on its own day or in the night after one of its days."""
        today = weekday in self.days and self.start <= minute < self.end
        return today or ((weekday - 1) % 7 in self.days and minute + DAY_MINUTES < self.end)


def hours_clean(text: str) -> str:
    """The hours in their one form; '' for any time. Raises Invalid with the part that is not understood."""
    parts = [" ".join(part.split()) for part in text.split(",")]
    clean = ", ".join(_written(part) for part in parts if part)
    if len(clean) > LONGEST:
        raise _fault(text[:30])
    return clean


def hours_allow(hours: str, at: datetime) -> bool:
    """True where the hours (as hours_clean wrote them) hold at a local moment; no hours always hold."""
    minute = at.hour * 60 + at.minute
    return not hours or any(span.allows(at.weekday(), minute) for span in _spans(hours))


@lru_cache(maxsize=1000)
def _spans(hours: str) -> tuple[Span, ...]:
    return tuple(_span(part) for part in hours.split(", "))


def _span(part: str) -> Span:
    found = SPAN.fullmatch(part)
    if found is None:
        raise _fault(part)
    start, end = _minutes(found["start"], part), _minutes(found["end"], part)
    if start in (end, DAY_MINUTES):
        raise _fault(part)
    days = frozenset(days_read(found["days"] or "Mon-Sun"))
    if not days:
        raise _fault(part)
    return Span(days, start, end if end > start else end + DAY_MINUTES)


def _written(part: str) -> str:
    _span(part)
    days, _space, clock = part.rpartition(" ")
    return f"{days_write(days_read(days))} {clock}" if days else clock


def _minutes(text: str, part: str) -> int:
    if CLOCK.fullmatch(text) is None:
        raise _fault(part)
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)


def _fault(part: str) -> Invalid:
    text = _('"{part}" is not understood; write Mon-Fri 07:00-19:00, Sat 09:00-12:00.').format(part=part[:60])
    return Invalid(text, {"hours": text})
