"""A charging schedule as a picture: its limits over time in steps, drawn here, without a script."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe

from central.pages.curve import Tick, nice_top
from central.services.schedules import Step, steps
from emobility.lib.display import NOTHING, TIGHT, kw

WIDTH: Final = 860
HEIGHT: Final = 220
LEFT: Final = 88
RIGHT: Final = 20
TOP: Final = 14
BOTTOM: Final = 26
DAY: Final = 86_400
SHARES: Final = (0, 0.25, 0.5, 0.75, 1)
MOST_STEPS: Final = 1024


def schedule_svg(schedule: Mapping[str, Any], start: datetime | None, zone: str) -> SafeString | str:
    """The picture of a ChargingScheduleType (2.1 shape); times count from `start`, or from 0 without one."""
    found = [step for step in steps(schedule)[:MOST_STEPS] if step.limit is not None]
    if not found:
        return ""
    unit, end = str(schedule.get("chargingRateUnit", "")), _end(schedule, found)
    limits = [step.limit or 0.0 for step in found]
    top = nice_top(max(*limits, 0.0)) if max(limits) > 0 else 0.0
    low = -nice_top(-min(limits)) if min(limits) < 0 else 0.0
    path = _path(found, end, top, low)
    floor = _up(0, top, low)
    context = {
        "width": WIDTH,
        "height": HEIGHT,
        "left": LEFT,
        "right": WIDTH - RIGHT,
        "bottom": HEIGHT - BOTTOM,
        "line": _points(path),
        "area": _points([(path[0][0], floor), *path, (path[-1][0], floor)]),
        "limit_ticks": [Tick(_up(mark, top, low), amount(mark, unit)) for mark in _marks(top, low)],
        "time_ticks": [Tick(_across(end * share, end), when(end * share, start, zone)) for share in SHARES],
        "hover": _hover(found, end, unit, start, zone),
    }
    return mark_safe(render_to_string("admin/emobility/schedule.svg", context))  # noqa: S308 -- rendered by an escaping template


def amount(value: float | None, unit: str) -> str:
    """A limit with its unit: kW for W, else as it is."""
    if value is None:
        return NOTHING
    return kw(round(value)) if unit == "W" else f"{value:g}{TIGHT}{unit}"


def when(seconds: float, start: datetime | None, zone: str) -> str:
    """A moment of the schedule: the clock of its place, or the time since the start of charging."""
    at = _moment(start, seconds, zone)
    if at is not None:
        return date_format(at, "j M H:i") if seconds >= DAY else f"{at:%H:%M}"
    minutes = int(seconds // 60)
    return f"+{minutes // 60}:{minutes % 60:02d}"


def _moment(start: datetime | None, seconds: float, zone: str) -> datetime | None:
    """The moment at its place; None without a start, and where no calendar reaches."""
    try:
        return (start + timedelta(seconds=seconds)).astimezone(ZoneInfo(zone)) if start else None
    except OverflowError:
        return None


def _end(schedule: Mapping[str, Any], found: Sequence[Step]) -> float:
    """Where the picture ends: with the duration, else after the last step; a day for a single one."""
    last = found[-1].start
    duration = schedule.get("duration")
    if duration and duration > last:
        return float(duration)
    return float(last * 1.25 if last else DAY)


def _path(found: Sequence[Step], end: float, top: float, low: float) -> list[tuple[float, float]]:
    path: list[tuple[float, float]] = []
    for place, step in enumerate(found):
        until = found[place + 1].start if place + 1 < len(found) else end
        height = _up(step.limit or 0.0, top, low)
        path += [(_across(step.start, end), height), (_across(until, end), height)]
    return path


def _across(seconds: float, end: float) -> float:
    return round(LEFT + min(max(seconds, 0), end) / end * (WIDTH - LEFT - RIGHT), 1)


def _up(value: float, top: float, low: float) -> float:
    room, span = HEIGHT - TOP - BOTTOM, (top - low) or 1.0
    return round(HEIGHT - BOTTOM - (value - low) / span * room, 1)


def _marks(top: float, low: float) -> list[float]:
    return sorted({low, 0.0, top / 2, top})


def _points(path: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in path)


def _hover(
    found: Sequence[Step], end: float, unit: str, start: datetime | None, zone: str
) -> list[dict[str, Any]]:
    """What the pointer finds over each step."""
    bars = []
    for place, step in enumerate(found):
        until = found[place + 1].start if place + 1 < len(found) else end
        left = _across(step.start, end)
        text = f"{when(step.start, start, zone)} · {amount(step.limit, unit)}"
        bars.append({"place": left, "width": max(_across(until, end) - left, 1), "text": text})
    return bars
