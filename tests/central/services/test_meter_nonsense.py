"""Meter nonsense (RELIABILITY F12): never negative, never billed unseen, always answered."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from central.models import Connector, Evse, MeterValue
from tests.support.messages import stamp

HOUR = timedelta(hours=1)
REGISTER = "Energy.Active.Import.Register"


@dataclass
class Case:
    """Start, samples every ten minutes, stop after an hour; the Wh and the reasons for review to expect."""

    start: int
    stop: int
    wh: int
    reasons: list[str] = field(default_factory=list)
    samples: list[list[dict[str, Any]]] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)


def wh(value):
    return [{"value": str(value), "measurand": REGISTER, "unit": "Wh"}]


def kwh(value):
    return [{"value": str(value), "measurand": REGISTER, "unit": "kWh"}]


def phases(*values):
    return [
        {"value": str(value), "measurand": REGISTER, "unit": "Wh", "phase": f"L{number}"}
        for number, value in enumerate(values, start=1)
    ]


CASES = {
    "as it should be": Case(1000, 8000, 7000, samples=[wh(2000), wh(5000)]),
    "nothing charged": Case(1000, 1000, 0, samples=[wh(1000)]),
    "stop below start": Case(8000, 1000, 0, ["stop_below_start"]),
    "stop below start after good values": Case(8000, 1000, 1500, ["stop_below_start"], [wh(9500)]),
    "stop -1": Case(0, -1, 0, ["stop_below_start"]),
    "stop -1 after good values": Case(500, -1, 2500, ["stop_below_start"], [wh(1000), wh(3000)]),
    "stop 0 after good values": Case(500, 0, 2500, ["stop_below_start"], [wh(3000)]),
    "begin 0, then the real register": Case(
        0, 910_031, 83, ["start_register_zero"], [wh(909_948), wh(910_000)]
    ),
    "begin 0 and no value between": Case(0, 910_031, 910_031, ["impossible_energy"]),
    "begin 0 of a register that counts the session": Case(0, 7000, 7000, samples=[wh(2000)]),
    "begin -1": Case(-1, 9000, 5000, ["start_register_negative"], [wh(4000), wh(6000)]),
    "begin -1 and no value between": Case(-1, 9000, 0, ["start_register_negative", "no_register"]),
    "rollover": Case(999_990, 500, 0, ["stop_below_start"]),
    "rollover after values": Case(
        999_000, 500, 900, ["stop_below_start"], [wh(999_900), wh(100)], {"register_below_previous"}
    ),
    "kWh in the samples": Case(1000, 8500, 7500, samples=[kwh("2.5"), kwh("6.25")]),
    "phase by phase": Case(3000, 9000, 6000, samples=[phases(1000, 1000, 1500), phases(2500, 2500, 2000)]),
    "more than the connector can": Case(0, 23_001, 23_001, ["impossible_energy"]),
    "all that the connector can": Case(0, 23_000, 23_000),
    "a glitch to 0 in between": Case(
        1000, 8000, 7000, samples=[wh(2000), wh(0), wh(3000)], flags={"register_below_previous"}
    ),
    "a glitch upward in between": Case(
        1000, 8000, 7000, samples=[wh(2000), wh(9_000_000), wh(3000)], flags={"impossible_jump"}
    ),
    "stop below the last value": Case(1000, 4000, 3000, ["stop_below_meter_values"], [wh(6000)]),
    "a last value rounded up": Case(1000, 5960, 4960, samples=[kwh("6")]),
    "text for a number": Case(1000, 8000, 7000, samples=[wh("n/a"), wh(3000)], flags={"unreadable_value"}),
    "no unit, no measurand": Case(1000, 8000, 7000, samples=[[{"value": "3000"}]]),
}


@pytest.mark.parametrize("name", CASES)
def test_f12_energy_and_review(name, bench):
    case = CASES[name]
    evse = Evse.objects.create(charge_point=bench.charge_point, number=1)
    Connector.objects.create(charge_point=bench.charge_point, evse=evse, number=1, max_power_w=22_000)
    transaction = bench.begin(wh=case.start)
    for number, sampled in enumerate(case.samples, start=1):
        at = bench.now + timedelta(minutes=10 * number)
        value = {"timestamp": stamp(at), "sampledValue": sampled}
        request = {"connectorId": 1, "transactionId": transaction.id, "meterValue": [value]}
        assert bench.at(at).call("MeterValues", request) == {}
        assert bench.session().energy_wh >= 0
    answer = bench.at(bench.now + HOUR).call(*transaction.stop(case.stop, bench.now + HOUR))
    assert answer["idTagInfo"]["status"] == "Accepted"
    session = bench.session()
    assert (session.energy_wh, session.review_reasons) == (case.wh, case.reasons)
    assert session.needs_review is bool(case.reasons)
    assert session.meter_stop_wh == case.stop
    values = MeterValue.objects.filter(session=session)
    assert {flag for value in values for flag in value.flags} == case.flags
    assert [value.samples for value in values] == case.samples


@pytest.mark.parametrize(
    ("wh", "reasons", "flags"),
    [
        (401_000, [], []),
        (401_001, [], ["curious_speed"]),
        (500_000, [], ["curious_speed"]),
        (500_001, ["impossible_energy"], []),
    ],
)
def test_without_a_known_power_400_kw_and_a_battery_are_possible(wh, reasons, flags, bench):
    transaction = bench.begin(wh=0)
    bench.at(bench.now + HOUR).call(*transaction.stop(wh, bench.now + HOUR))
    session = bench.session()
    assert (session.energy_wh, session.review_reasons, session.flags) == (wh, reasons, flags)


def test_a_simulated_session_of_one_second_is_no_case_for_a_person(bench):
    transaction = bench.begin(wh=0)
    bench.call(*transaction.meter(20_000, bench.now))
    bench.call(*transaction.stop(40_000, bench.now + timedelta(seconds=1)))
    assert (bench.session().energy_wh, bench.session().needs_review) == (40_000, False)
