"""The simulated meter is plausible; the waits before a reconnect grow as the specification says."""

from datetime import UTC, datetime

import pytest

from central.ocpp.simulator.backoff import Backoff
from central.ocpp.simulator.meter import Meter

AT = datetime(2026, 1, 5, 10, tzinfo=UTC)


@pytest.mark.parametrize("power_kw", [3.7, 11.0, 22.0])
def test_an_hour_of_alternating_current_gives_about_the_power_in_energy(power_kw):
    meter = Meter(power_kw, start_wh=5000)
    meter.plug_in()
    meter.advance(3600)
    charged = meter.read(AT).wh - 5000
    assert 0.95 * power_kw * 1000 < charged <= power_kw * 1000


def test_the_power_rises_and_ends_with_the_session():
    meter = Meter(11.0)
    assert meter.power_w == 0
    meter.plug_in()
    first = meter.power_w
    meter.advance(10)
    assert 0 < first < meter.power_w <= 11_000
    meter.unplug()
    assert meter.power_w == 0


def test_a_full_battery_on_direct_current_takes_less_and_tells_its_charge():
    meter = Meter(50.0)
    meter.plug_in(soc=30)
    meter.advance(60)
    early = meter.read(AT)
    meter.advance(5400)
    late = meter.read(AT)
    assert early.soc is not None
    assert late.soc is not None
    assert late.soc > early.soc
    assert late.power_w < early.power_w / 2


def test_the_register_never_goes_back_over_sessions():
    meter = Meter(11.0)
    readings = []
    for _ in range(3):
        meter.plug_in()
        meter.advance(120)
        meter.unplug()
        readings.append(meter.read(AT).wh)
    assert readings == sorted(readings)
    assert readings[0] > 0


def test_waits_double_up_to_the_limit_and_begin_anew_after_success():
    """OCPP 2.0.1 part 4 §5.3: RetryBackOffWaitMinimum, RetryBackOffRandomRange, RetryBackOffRepeatTimes."""
    backoff = Backoff(2.0, 3.0, 2, rng=lambda low, high: high / 3)
    assert [backoff.next() for _ in range(4)] == [3.0, 5.0, 9.0, 9.0]
    backoff.reset()
    assert backoff.next() == 3.0
