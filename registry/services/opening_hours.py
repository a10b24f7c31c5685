"""Opening hours as people write them, read strictly: what is not understood is refused by its line.

24/7
Mo-Fr 08:00-20:00
Sa,Su 10:00-16:00
2026-12-24 08:00-12:00          open besides the week
2026-12-25 closed               closed all day
2026-12-31 closed 14:00-24:00   closed for these hours
"""

import re
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from emobility.lib.errors import Invalid
from emobility.lib.week import days_read

ALWAYS = "24/7"
HOURS = re.compile(r"((?:[01]\d|2[0-3]):[0-5]\d)-((?:[01]\d|2[0-3]):[0-5]\d|24:00)")
WHOLE_DAY = ("00:00", "24:00")
Span = tuple[str, str]
"""Begin and end as HH:MM, local; the end may be 24:00."""


@dataclass(slots=True)
class OpeningHours:
    """`weekly` is (day from Monday = 1, begin, end); openings and closings are by date; all local."""

    always: bool = False
    weekly: list[tuple[int, str, str]] = field(default_factory=list)
    openings: list[tuple[date, Span]] = field(default_factory=list)
    closings: list[tuple[date, Span]] = field(default_factory=list)


def opening_hours_read(text: str) -> OpeningHours | None:
    """The hours that a text says, None where it is empty; raises Invalid naming the line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        return None
    hours = OpeningHours()
    for line in lines:
        if not _read(line, hours):
            raise _wrong(_("Line {line} is not understood.").format(line=repr(line)))
    if hours.always == bool(hours.weekly):
        raise _wrong(_("Write 24/7, or the hours of the week."))
    return hours


def _wrong(text: str) -> Invalid:
    return Invalid(text, fields={"opening_hours": text})


def _read(line: str, hours: OpeningHours) -> bool:
    """Add what a line says; False where it says nothing."""
    if line == ALWAYS:
        hours.always = True
        return True
    first, _space, rest = line.partition(" ")
    day = _date(first)
    if day is None:
        spans, days = _spans(rest), days_read(first)
        hours.weekly.extend((day_of_week + 1, *span) for day_of_week in days for span in spans)
        return bool(spans and days)
    is_closed = rest == "closed" or rest.startswith("closed ")
    spans = [WHOLE_DAY] if rest == "closed" else _spans(rest.removeprefix("closed "))
    (hours.closings if is_closed else hours.openings).extend((day, span) for span in spans)
    return bool(spans)


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _spans(text: str) -> list[Span]:
    found: list[Span] = []
    for part in text.replace(" ", "").split(","):
        match = HOURS.fullmatch(part)
        if match is None or match[1] >= match[2]:
            return []
        found.append((match[1], match[2]))
    return found
