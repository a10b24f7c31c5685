"""The course of a session: power and energy over time, thinned out for a picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from central.models import MeterValue, Session

MOST_POINTS = 240
LONGEST_GAP = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Point:
    """One moment: energy since the start in Wh, power in W where known, charge of the battery in percent."""

    at: datetime
    energy_wh: int | None
    power_w: int | None
    state_of_charge: int | None = None


def session_curve(session: Session) -> list[Point]:
    """The session's points in time order, at most MOST_POINTS; power is derived where none was reported."""
    rows = MeterValue.objects.filter(session_id=session.pk).order_by("sampled_at", "id")
    values = rows.values_list("sampled_at", "register_wh", "power_w", "state_of_charge")
    start = session.meter_start_wh
    points = [
        Point(at, None if register is None or start is None else register - start, power, charge)
        for at, register, power, charge in values
    ]
    if all(point.power_w is None for point in points):
        points = _derived(points)
    return _framed(session, _thinned(points))


def _framed(session: Session, points: list[Point]) -> list[Point]:
    """With the session's start and end where the meter is known there; a wrong clock adds nothing."""
    first = session.meter_start_wh
    if not points or first is None:
        return points
    if timedelta(0) < points[0].at - session.started_at <= LONGEST_GAP:
        points = [Point(session.started_at, 0, None), *points]
    end, last = session.ended_at, session.meter_stop_wh
    if end is not None and last is not None and timedelta(0) < end - points[-1].at <= LONGEST_GAP:
        points = [*points, Point(end, last - first, None)]
    return points


def _derived(points: Sequence[Point]) -> list[Point]:
    """Mean power between two registers."""
    result: list[Point] = []
    last: Point | None = None
    for point in points:
        power: int | None = None
        if point.energy_wh is not None:
            if last is not None and last.energy_wh is not None and point.at > last.at:
                hours = (point.at - last.at).total_seconds() / 3600
                power = max(0, round((point.energy_wh - last.energy_wh) / hours))
            last = point
        result.append(Point(point.at, point.energy_wh, power, point.state_of_charge))
    return result


def _thinned(points: Sequence[Point]) -> list[Point]:
    """Every n-th point, always with the first and the last."""
    if len(points) <= MOST_POINTS:
        return list(points)
    step = (len(points) - 1) / (MOST_POINTS - 1)
    return [points[round(number * step)] for number in range(MOST_POINTS)]
