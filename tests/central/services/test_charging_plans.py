"""The plan for a car: evenly until departure, within what it can take."""

from datetime import timedelta
from decimal import Decimal

import pytest

from central.services.charging_plans import plan, wanted_of
from central.services.schedules import Step, bounds, limit_at, steps
from tests.support.handlers import NOW

FOUR_HOURS = NOW + timedelta(hours=4)


def ac(mode="AC_three_phase", energy=20_000, low=6, high=32, volts=230):
    values = {"energyAmount": energy, "evMinCurrent": low, "evMaxCurrent": high, "evMaxVoltage": volts}
    return {"requestedEnergyTransfer": mode, "acChargingParameters": values}


def dc(**values):
    given = {"evMaxCurrent": 300, "evMaxVoltage": 400} | values
    return {"requestedEnergyTransfer": "DC", "dcChargingParameters": given}


@pytest.mark.parametrize(
    ("needs", "departure", "unit", "limit"),
    [
        (ac(), FOUR_HOURS, "A", 8.0),
        (ac("AC_single_phase", 5000), FOUR_HOURS, "A", 6.0),
        (ac(energy=1), FOUR_HOURS, "A", 6.0),
        (ac(energy=500_000), FOUR_HOURS, "A", 32.0),
        (ac(), None, "A", 32.0),
        (ac(), NOW - timedelta(hours=1), "A", 32.0),
        (ac(energy=0), FOUR_HOURS, "A", 32.0),
        (ac(volts=0), FOUR_HOURS, "A", 8.0),
        (dc(energyAmount=40_000), FOUR_HOURS, "W", 11_000.0),
        (dc(), FOUR_HOURS, "W", 120_000.0),
        (dc(evMaxPower=50_000), None, "W", 50_000.0),
        (
            {"requestedEnergyTransfer": "WPT", "v2xChargingParameters": {"maxChargePower": 7000}},
            None,
            "W",
            7000.0,
        ),
        (
            {"requestedEnergyTransfer": "AC_BPT", "v2xChargingParameters": {"maxChargePower": 6900}},
            None,
            "A",
            10.0,
        ),
    ],
)
def test_the_rule(needs, departure, unit, limit):
    schedule = plan(wanted_of(needs), departure, NOW)
    assert schedule is not None
    assert schedule["chargingRateUnit"] == unit
    assert schedule["chargingSchedulePeriod"][0]["limit"] == pytest.approx(limit)


def test_nothing_known_no_plan():
    assert plan(wanted_of({"requestedEnergyTransfer": "DC"}), None, NOW) is None


SCHEDULE = {
    "chargingRateUnit": "W",
    "duration": 100,
    "chargingSchedulePeriod": [
        {"startPeriod": 0, "limit": 11},
        {"startPeriod": 50, "setpoint": -4},
        {"startPeriod": 60},
    ],
}


def test_reading_a_schedule():
    assert steps(SCHEDULE) == [Step(0, 11.0), Step(50, -4.0), Step(60, None)]
    assert [limit_at(SCHEDULE, second) for second in (-1, 0, 49.9, 50, 70, 100)] == [
        None,
        11,
        11,
        -4,
        None,
        None,
    ]
    found = bounds([SCHEDULE])
    assert (found.unit, found.lowest, found.highest) == ("W", Decimal(-4), Decimal(11))
    assert bounds([]).unit == ""
    assert bounds([{"chargingSchedulePeriod": [{"startPeriod": 0, "limit": 1e300}]}]).highest is None
