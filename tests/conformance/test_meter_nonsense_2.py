"""F12 in 2.x, where start and end are meter values like all others: in any order nothing is billed unseen."""

import itertools
from datetime import timedelta

import pytest

from central.models import MeterValue
from tests.support.handlers import Bench
from tests.support.messages import Transaction

# Registers of Started, Updated (after 20 minutes), Ended (after an hour); Wh and reasons to expect.
CASES = {
    "as it should be": ((1000, 4000, 8000), 7000, []),
    "nothing charged": ((1000, 1000, 1000), 0, []),
    "end below start": ((8000, 8000, 1000), 0, ["stop_below_meter_values"]),
    "end below the last value": ((1000, 9000, 4000), 8000, ["stop_below_meter_values"]),
    "end -1": ((500, 2500, -1), 2000, ["stop_below_start"]),
    "rollover": ((999_000, 999_900, 500), 900, ["stop_below_meter_values"]),
    "a glitch to 0 in between": ((1000, 0, 8000), 7000, []),
    "impossible end": ((1000, 4000, 90_000_000), 3000, ["impossible_energy"]),
}


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
@pytest.mark.parametrize("name", CASES)
def test_f12_energy_and_review(name, version, charge_point, token):
    (start, middle, end), wh, reasons = CASES[name]
    bench = Bench(charge_point, version)
    transaction = Transaction(version)
    frames = [
        transaction.start(start, bench.now),
        transaction.meter(middle, bench.now + timedelta(minutes=20)),
        transaction.stop(end, bench.now + timedelta(hours=1)),
    ]
    for frame in frames:
        bench.after(hours=1).call(*frame)
    session = bench.session()
    assert (session.energy_wh, session.review_reasons) == (wh, reasons)
    assert session.needs_review is bool(reasons)
    assert MeterValue.objects.filter(session=session).count() == 3


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
