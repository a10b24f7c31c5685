"""A session's course as a picture: an SVG drawn here, so that it needs no script and prints well."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from central.selectors.curves import Point
from emobility.lib.display import kw, kwh

WIDTH: Final = 860
HEIGHT: Final = 260
LEFT: Final = 52
RIGHT: Final = 58
TOP: Final = 14
BOTTOM: Final = 26
STEPS: Final = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis and its words."""

    place: float
    text: str


def curve_svg(
    points: Sequence[Point], zone: str, marks: Iterable[tuple[datetime, str]] = ()
) -> SafeString | str:
    """The picture of at least two points, or '' where there is nothing to draw; `marks`: moments, words."""
    if len(points) < 2 or points[0].at == points[-1].at:
        return ""
    top_power = nice_top(max((point.power_w or 0 for point in points), default=0))
    top_energy = nice_top(max((point.energy_wh or 0 for point in points), default=0))
    across, power, energy = _across(points), _up(top_power), _up(top_energy)
    powers = [(across(p.at), power(p.power_w)) for p in points if p.power_w is not None]
    energies = [(across(p.at), energy(p.energy_wh)) for p in points if p.energy_wh is not None]
    floor = HEIGHT - BOTTOM
    context = {
        "width": WIDTH,
        "height": HEIGHT,
        "left": LEFT,
        "right": WIDTH - RIGHT,
        "floor": floor,
        "power": _line(powers),
        "area": _area(powers, floor),
        "energy": _line(energies),
        "power_ticks": [Tick(power(value), kw(round(value))) for value in _marks(top_power)],
        "energy_ticks": [Tick(energy(value), f"{value / 1000:g} kWh") for value in _marks(top_energy)],
        "time_ticks": _time_ticks(points, across, ZoneInfo(zone)),
        "hover": _hover(points, across, ZoneInfo(zone)),
        "marks": [Tick(across(at), text) for at, text in marks if points[0].at < at < points[-1].at],
    }
    return mark_safe(render_to_string("admin/emobility/curve.svg", context))  # noqa: S308 -- rendered by an escaping template


def nice_top(value: float) -> float:
    """The round number at the top of an axis: at least `value`, at least one."""
    if value <= 1:
        return 1.0
    size = 10.0 ** (len(str(int(value))) - 1)
    return next(step * size for step in STEPS if step * size >= value)


def _marks(top: float) -> list[float]:
    return [0, top / 2, top]


def _across(points: Sequence[Point]) -> Callable[[datetime], float]:
    first, length = points[0].at, (points[-1].at - points[0].at).total_seconds()
    room = WIDTH - LEFT - RIGHT
    return lambda at: round(LEFT + (at - first).total_seconds() / length * room, 1)


def _up(top: float) -> Callable[[float | None], float]:
    room = HEIGHT - TOP - BOTTOM
    return lambda value: round(HEIGHT - BOTTOM - min(max(value or 0, 0), top) / top * room, 1)


def _line(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in places)


def _area(places: Sequence[tuple[float, float]], floor: float) -> str:
    if not places:
        return ""
    return _line([(places[0][0], floor), *places, (places[-1][0], floor)])


def _time_ticks(points: Sequence[Point], across: Callable[[datetime], float], zone: ZoneInfo) -> list[Tick]:
    first, length = points[0].at, points[-1].at - points[0].at
    pattern = "%H:%M:%S" if length.total_seconds() < 600 else "%H:%M"
    moments = [first + length * share for share in (0, 0.25, 0.5, 0.75, 1)]
    return [Tick(across(moment), moment.astimezone(zone).strftime(pattern)) for moment in moments]


def _hover(points: Sequence[Point], across: Callable[[datetime], float], zone: ZoneInfo) -> list[Tick]:
    """What the pointer finds over each point."""
    return [
        Tick(across(point.at), _words(point, zone))
        for point in points
        if point.power_w is not None or point.energy_wh is not None
    ]


def _words(point: Point, zone: ZoneInfo) -> str:
    charge = "" if point.state_of_charge is None else f" · {point.state_of_charge} %"
    return f"{point.at.astimezone(zone):%H:%M:%S} · {kw(point.power_w)} · {kwh(point.energy_wh)}{charge}"
