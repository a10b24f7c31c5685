"""Charging schedules as pictures."""

import re

import pytest

from central.pages.schedule import schedule_svg
from tests.support.handlers import NOW


def schedule(*limits, unit="A", **more):
    periods = [{"startPeriod": 3600 * place, "limit": limit} for place, limit in enumerate(limits)]
    return {"chargingRateUnit": unit, "chargingSchedulePeriod": periods} | more


def line(svg):
    (points,) = re.findall(r'polyline class="em-power" points="([^"]+)"', svg)
    return [tuple(map(float, pair.split(","))) for pair in points.split()]


def test_limits_are_drawn_in_steps():
    svg = schedule_svg(schedule(16, 8, duration=7200), NOW, "Europe/Berlin")
    assert line(svg) == [(88, 50), (464, 50), (464, 122), (840, 122)]
    assert ">13:00<" in svg
    assert "15:00" in svg
    assert "13:00 · 16\N{NO-BREAK SPACE}A" in svg


def test_times_without_a_start_and_powers():
    svg = schedule_svg(schedule(11_000, 4000, unit="W"), None, "UTC")
    assert "+0:00" in svg
    assert "+1:15" in svg
    assert "11.0\N{NO-BREAK SPACE}kW" in svg


def test_discharging_is_drawn_below_the_line():
    periods = [{"startPeriod": 0, "limit": 10}, {"startPeriod": 60, "setpoint": -10}]
    ends = line(schedule_svg({"chargingRateUnit": "A", "chargingSchedulePeriod": periods}, None, "UTC"))
    assert ends[0][1] < 104 < ends[-1][1]


@pytest.mark.parametrize("limits", [(0,), (0, 0), (1e12, 1), (0.1,)])
def test_odd_limits_are_drawn(limits):
    assert "<svg" in schedule_svg(schedule(*limits), NOW, "UTC")


def test_nothing_to_draw():
    assert schedule_svg({}, NOW, "UTC") == ""
    assert schedule_svg({"chargingSchedulePeriod": [{"startPeriod": 0}]}, NOW, "UTC") == ""
