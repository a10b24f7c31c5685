"""Charging periods from what chargers really send: states, gaps, resets, disorder; F12 by name."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.selectors.sample import Sample
from billing.services.periods import (
    PeriodState,
    period_add,
    period_close,
    period_open,
    periods_merged,
    session_periods,
)

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def reading(minutes: float, register_wh: int | None = None, power_w: int | None = None) -> Sample:
    return Sample(at(minutes), register_wh, power_w)


def state(minutes: float, word: str) -> Sample:
    return Sample(at(minutes), state=word)


def minutes_of(samples, *, end: float, total_wh: int, register_wh: int | None = 1000):
    """(charging minutes, parked minutes, Wh) of the merged periods."""
    periods = session_periods(
        started_at=START, ended_at=at(end), register_wh=register_wh, total_wh=total_wh, samples=samples
    )
    assert sum(each.energy_wh for each in periods) == max(0, total_wh)
    assert all(each.energy_wh >= 0 and each.end >= each.start for each in periods)
    return [
        (float(each.time_s / 60), float(each.parking_time_s / 60), int(each.energy_wh))
        for each in periods_merged(periods)
    ]


def test_suspended_ev_and_finishing_are_parking():
    """OCPP 1.6: Charging, then SuspendedEV, then Finishing until the cable is pulled."""
    samples = [state(0, "Charging"), state(40, "SuspendedEV"), reading(45, 9000), state(50, "Finishing")]
    assert minutes_of(samples, end=60, total_wh=8000) == [(40, 0, 8000), (0, 20, 0)]


def test_waiting_for_the_grid_is_not_parking():
    """SuspendedEVSE: the car wants energy and gets none, so it does not park."""
    samples = [state(0, "Charging"), reading(10, 2000), state(10, "SuspendedEVSE"), reading(30, 2000)]
    assert minutes_of(samples, end=40, total_wh=1000) == [(40, 0, 1000)]


def test_idle_of_a_2x_transaction_is_parking():
    """OCPP 2.0.1: transactionInfo.chargingState."""
    samples = [state(0, "EVConnected"), state(5, "Charging"), state(35, "Idle"), reading(36, 6000)]
    assert minutes_of(samples, end=60, total_wh=5000) == [(35, 0, 5000), (0, 25, 0)]


def test_a_silent_charger_parks_when_no_energy_flows():
    samples = [reading(15, 4000), reading(30, 7000), reading(45, 7000), reading(60, 7000)]
    assert minutes_of(samples, end=75, total_wh=6000) == [(30, 0, 6000), (0, 45, 0)]


def test_a_coarse_register_with_power_is_charging():
    samples = [reading(1, 1100, 7400), reading(2, 1100, 7400), reading(3, 1200, 7400)]
    assert minutes_of(samples, end=3, total_wh=200) == [(3, 0, 200)]


def test_getting_ready_is_not_parking():
    samples = [reading(5, 1000), reading(10, 1000), reading(20, 3000)]
    assert minutes_of(samples, end=20, total_wh=2000) == [(20, 0, 2000)]


def test_car_resumes_after_a_pause():
    samples = [
        state(0, "Charging"),
        reading(10, 2000),
        state(10, "SuspendedEV"),
        reading(20, 2000),
        state(20, "Charging"),
    ]
    assert minutes_of(samples, end=30, total_wh=2000) == [(10, 0, 1000), (0, 10, 0), (10, 0, 1000)]


def test_session_without_any_meter_value_is_one_period():
    assert minutes_of([], end=30, total_wh=5000) == [(30, 0, 5000)]
    assert minutes_of([], end=30, total_wh=5000, register_wh=None) == [(30, 0, 5000)]


def test_gap_in_the_meter_values_loses_nothing():
    samples = [reading(5, 1500), reading(90, 12_000)]
    assert minutes_of(samples, end=95, total_wh=11_500) == [(95, 0, 11_500)]


def test_order_of_arrival_does_not_matter():
    samples = [
        reading(45, 7000),
        state(30, "SuspendedEV"),
        reading(15, 4000),
        state(0, "Charging"),
        reading(30, 7000),
    ]
    assert minutes_of(samples, end=60, total_wh=6000) == minutes_of(samples[::-1], end=60, total_wh=6000)


def test_samples_outside_of_the_session_are_left_out():
    samples = [reading(-10, 400), reading(10, 2000), reading(500, 90_000)]
    assert minutes_of(samples, end=20, total_wh=2000) == [(20, 0, 2000)]


def test_end_before_start_is_one_empty_period():
    assert minutes_of([reading(1, 2000)], end=-5, total_wh=700) == [(0, 0, 700)]


F12 = {
    "stop below start": ([reading(10, 900)], 1000, -100, 0),
    "stop -1": ([reading(10, 1500)], 1000, -1001, 0),
    "register resets in the middle": (
        [reading(10, 3000), reading(20, 50), reading(30, 550)],
        1000,
        2500,
        2500,
    ),
    "register rolls over": ([reading(10, 999_999), reading(20, 200)], 999_000, 1200, 1200),
    "begins with 0, then the real register": ([reading(10, 910_031), reading(20, 910_114)], 0, 83, 83),
    "no start reading": ([reading(10, 5000), reading(20, 7000)], None, 2000, 2000),
    "register counts beyond the total": ([reading(10, 50_000)], 1000, 3000, 3000),
    "kWh taken for Wh at the end": ([reading(10, 2000), reading(20, 4)], 1000, 1000, 1000),
}


@pytest.mark.parametrize(("samples", "register_wh", "total_wh", "wanted"), F12.values(), ids=F12.keys())
def test_f12_meter_nonsense_is_never_negative_and_keeps_the_total(samples, register_wh, total_wh, wanted):
    """F12: whatever the register does, the periods hold the session's energy, none of them below zero."""
    periods = minutes_of(samples, end=30, total_wh=total_wh, register_wh=register_wh)
    assert sum(energy for _charging, _parked, energy in periods) == wanted


def test_f13_clock_jumps_lose_and_invent_nothing():
    """F13: stamps a day ahead, in 1970, or twice the same: the periods hold the session's time and energy."""
    jumps = [
        reading(-1_000_000, 1200),
        reading(10, 2000),
        reading(10, 2100),
        reading(1440, 90_000),
        reading(5, 1500),
    ]
    assert minutes_of(jumps, end=20, total_wh=1200) == [(20, 0, 1200)]


def test_power_tells_what_a_still_register_cannot():
    """Parked at 0 W, charging at 50 W although the register counts in steps of 100 Wh."""
    still = [reading(10, 2000, 6000), reading(20, 2000, 0), reading(30, 2000, 0)]
    assert minutes_of(still, end=40, total_wh=1000) == [(20, 0, 1000), (0, 20, 0)]
    coarse = [reading(10, 2000, 6000), reading(20, 2000, 50), reading(30, 2100, 50)]
    assert minutes_of(coarse, end=30, total_wh=1100) == [(30, 0, 1100)]


def test_periods_carry_power_and_current_as_measured():
    sample = Sample(at(10), 2000, 7360, None, 32_000)
    periods = session_periods(
        started_at=START, ended_at=at(10), register_wh=1000, total_wh=1000, samples=[sample]
    )
    assert [(each.min_power, each.max_current) for each in periods[1:2]] == [(Decimal("7.36"), Decimal(32))]


words = st.sampled_from(["Charging", "SuspendedEV", "SuspendedEVSE", "Finishing", "Preparing", "EVConnected"])
samples = st.lists(
    st.builds(
        Sample,
        at=st.integers(0, 7200).map(lambda seconds: START + timedelta(seconds=seconds)),
        register_wh=st.none() | st.integers(0, 50_000),
        power_w=st.none() | st.integers(-5000, 50_000),
        state=st.none() | words,
    ),
    max_size=25,
)


@given(samples, st.integers(-10, 60_000), st.none() | st.integers(0, 20_000))
def test_time_and_energy_add_up_whatever_comes(given_samples, total_wh, register_wh):
    end = START + timedelta(seconds=7200)
    periods = session_periods(
        started_at=START, ended_at=end, register_wh=register_wh, total_wh=total_wh, samples=given_samples
    )
    assert sum(each.energy_wh for each in periods) == max(0, total_wh)
    assert sum(each.time_s + each.parking_time_s for each in periods) == 7200
    assert all(min(each.energy_wh, each.time_s, each.parking_time_s) >= 0 for each in periods)
    assert all(one.end == other.start for one, other in pairwise(periods))


@given(samples, st.integers(0, 25))
def test_fold_stored_midway_gives_the_same_periods(given_samples, cut):
    """What a running session keeps and what is worked out from the start are the same periods."""
    ordered = sorted(given_samples, key=lambda each: each.at)
    fold, periods = period_open(START, 1000)
    for index, sample in enumerate(ordered):
        if index == cut:
            fold = PeriodState.from_json(json.loads(json.dumps(fold.as_json())))
        fold, more = period_add(fold, sample)
        periods += more
    total = fold.energy_wh + 10
    fold, more = period_close(fold, START + timedelta(seconds=7200), total)
    assert periods + more == session_periods(
        started_at=START,
        ended_at=START + timedelta(seconds=7200),
        register_wh=1000,
        total_wh=total,
        samples=given_samples,
    )


def test_fractions_of_a_second_are_kept():
    """OCPP 1.6 allows fractions in time stamps: nothing is lost by rounding."""
    periods = session_periods(
        started_at=START,
        ended_at=START + timedelta(seconds=10, milliseconds=123),
        register_wh=0,
        total_wh=1,
        samples=[],
    )
    assert sum(each.time_s for each in periods) == Decimal("10.123")
