"""F12 in 2.x, where start and end are meter values like all others: in any order nothing is billed unseen."""

import itertools
from datetime import timedelta

import pytest

from central.models import MeterValue
from tests.support.handlers import Bench
from tests.support.messages import Transaction

REGISTER = "Energy.Active.Import.Register"


def sampled(value, unit="Wh", **other):
    return {"value": value, "measurand": REGISTER, "unitOfMeasure": {"unit": unit}} | other


def phases(*values):
    return [sampled(value, phase=f"L{number}") for number, value in enumerate(values, start=1)]


def interval(value):
    return [{"value": value, "measurand": "Energy.Active.Import.Interval", "unitOfMeasure": {"unit": "Wh"}}]


# Registers (or samples) of Started, Updated (after 20 minutes), Ended (an hour); Wh and reasons to expect.
CASES = {
    "as it should be": ((1000, 4000, 8000), 7000, []),
    "nothing charged": ((1000, 1000, 1000), 0, []),
    "end below start": ((8000, 8000, 1000), 0, ["stop_below_meter_values"]),
    "end below the last value": ((1000, 9000, 4000), 8000, ["stop_below_meter_values"]),
    "end -1": ((500, 2500, -1), 2000, ["stop_below_start"]),
    "rollover": ((999_000, 999_900, 500), 900, ["stop_below_meter_values"]),
    "a glitch to 0 in between": ((1000, 0, 8000), 7000, []),
    "impossible end": ((1000, 4000, 90_000_000), 3000, ["impossible_energy"]),
    "begin 0, then the real register": ((0, 909_948, 910_031), 83, ["start_register_zero"]),
    "begin 0 of a register that counts the session": ((0, 4000, 7000), 7000, []),
    "begin -1": ((-1, 4000, 9000), 5000, ["stop_below_start"]),
    "end 0 after good values": ((500, 3000, 0), 2500, ["stop_below_meter_values"]),
    "reset in mid-session": ((500_000, 100, 2100), 0, ["stop_below_meter_values"]),
    "a spike in between": ((1000, 9_000_000, 8000), 7000, []),
    "kWh": (([sampled(1, "kWh")], [sampled(2.5, "kWh")], [sampled(8.5, "kWh")]), 7500, []),
    "Wh and kWh mixed": ((1000, [sampled(2.5, "kWh")], 8500), 7500, []),
    "a multiplier": ((1000, [sampled(25, unitOfMeasure={"unit": "Wh", "multiplier": 2})], 8500), 7500, []),
    "phase by phase": (
        (phases(1000, 1000, 1000), phases(1500, 1500, 1500), phases(3000, 3000, 3000)),
        6000,
        [],
    ),
    "no unit, no measurand": (([{"value": 1000}], [{"value": 3000}], [{"value": 8000}]), 7000, []),
    "intervals beside the register": ((1000, [sampled(4000), *interval(3000)], 8000), 7000, []),
    "intervals alone": ((interval(0), interval(3000), interval(4000)), 0, ["no_register"]),
    "a gap: no value between": ((1000, None, 8000), 7000, []),
    "a last value rounded up": ((1000, [sampled(6, "kWh")], 5960), 4960, []),
    "an end a little below the start": ((8000, 8000, 7960), 0, ["stop_below_start"]),
    "an end further below than rounding": ((1000, 6000, 5899), 5000, ["stop_below_meter_values"]),
}


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
@pytest.mark.parametrize("name", CASES)
def test_f12_energy_and_review(name, version, charge_point, token):
    (start, middle, end), wh, reasons = CASES[name]
    bench = Bench(charge_point, version)
    for frame in said(Transaction(version), bench.now, start, middle, end):
        bench.after(hours=1).call(*frame)
    session = bench.session()
    assert (session.energy_wh, session.review_reasons) == (wh, reasons)
    assert session.needs_review is bool(reasons)
    assert MeterValue.objects.filter(session=session).count() == (2 if middle is None else 3)


def said(transaction, now, *values):
    """Started, Updated and Ended with a register each, or with the samples that are given."""
    told = zip((transaction.start, transaction.meter, transaction.stop), (0, 20, 60), values, strict=True)
    for say, minutes, value in told:
        samples = value if isinstance(value, list) else [sampled(value)]
        action, payload = say(0, now + timedelta(minutes=minutes))
        if value is None:
            del payload["meterValue"]
        else:
            payload["meterValue"][0]["sampledValue"] = samples
        yield action, payload


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_f12_a_value_that_was_rounded_up_is_billed_as_the_end_says_in_any_order(order, charge_point, token):
    bench = Bench(charge_point, "2.1")
    frames = list(said(Transaction("2.1"), bench.now, 1000, [sampled(6, "kWh")], 5960))
    for number in order:
        bench.after(hours=1).call(*frames[number])
    session = bench.session()
    assert (session.energy_wh, session.meter_stop_wh, session.needs_review) == (4960, 5960, False)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
@pytest.mark.parametrize("name", ["end below start", "end below the last value", "end -1", "impossible end"])
def test_f12_in_any_order_the_bill_is_held(name, order, charge_point, token):
    registers, _, _ = CASES[name]
    bench = Bench(charge_point, "2.0.1")
    transaction = Transaction("2.0.1")
    frames = [
        transaction.start(registers[0], bench.now),
        transaction.meter(registers[1], bench.now + timedelta(minutes=20)),
        transaction.stop(registers[2], bench.now + timedelta(hours=1)),
    ]
    for number in order:
        bench.after(hours=1).call(*frames[number])
    session = bench.session()
    assert session.energy_wh >= 0
    assert session.needs_review
