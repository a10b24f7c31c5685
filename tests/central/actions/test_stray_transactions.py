"""Transaction numbers -1, 0 and unknown (RELIABILITY F11, 1.6 errata 3.18): answered, matched or kept."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from central.models import MeterValue, SessionEvent
from central.models.session import SessionState
from tests.support.messages import Transaction, meter_values

MINUTE = timedelta(minutes=1)


@dataclass
class Case:
    """Connectors with a session, what the stop names, and whether it ends the first of them."""

    number: int
    running: int = 1
    tag: str = "TAG-1"
    meter: int = 5000
    minutes: int = 30
    matched: bool = True
    reasons: tuple[str, ...] = ()


CASES = {
    "-1, one session": Case(-1),
    "0, one session": Case(0),
    "-1 without a tag": Case(-1, tag=""),
    "-1, two sessions": Case(-1, running=2, matched=False),
    "-1, none": Case(-1, running=0, matched=False),
    "0, none": Case(0, running=0, matched=False),
    "-1, of another tag": Case(-1, tag="TAG-2", matched=False),
    "-1, before the session began": Case(-1, minutes=-60, matched=False),
    "-1, below the session's meter": Case(-1, meter=10, matched=False),
    "unknown number, same tag": Case(77, reasons=("unknown_transaction",)),
    "unknown number without a tag": Case(77, tag="", matched=False),
    "unknown number, another tag": Case(77, tag="TAG-2", matched=False),
    "unknown number, none": Case(77, running=0, matched=False),
}


@pytest.mark.parametrize("name", CASES)
def test_f11_a_stop_is_answered_and_ends_a_session_or_is_kept(name, bench):
    case = CASES[name]
    for connector in range(1, case.running + 1):
        bench.begin(connector=connector, wh=1000)
    stop = Transaction("1.6", case.tag, id=case.number).stop(
        case.meter, bench.now + timedelta(minutes=case.minutes)
    )
    if not case.tag:
        del stop[1]["idTag"]
    late = bench.after(minutes=30)
    answer = late.call(*stop)
    assert late.call(*stop) == answer
    assert answer == (
        {"idTagInfo": {"status": "Invalid" if case.tag == "TAG-2" else "Accepted"}} if case.tag else {}
    )
    kept = SessionEvent.objects.filter(kind="stop")
    assert kept.count() == 1
    assert kept.get().quarantine_reason == ("" if case.matched else "unknown_transaction")
    ended = [session for session in bench.sessions() if session.state == SessionState.ENDED]
    assert len(ended) == int(case.matched)
    if case.matched:
        assert (ended[0].energy_wh, ended[0].flags) == (4000, ["matched_by_time"])
        assert tuple(ended[0].review_reasons) == case.reasons


@pytest.mark.parametrize("number", [-1, 0, 77, None])
def test_meter_values_find_the_session_of_their_connector(number, bench):
    bench.begin(connector=1, wh=0)
    bench.begin(connector=2, wh=0)
    bench.call(*meter_values("1.6", 300, connector=2, transaction_id=number, at=bench.now + MINUTE))
    assert [session.energy_wh for session in bench.sessions()] == [0, 300]


def test_meter_values_of_an_unknown_transaction_wait_for_a_person(bench):
    frame = meter_values("1.6", 300, connector=2, transaction_id=77, at=bench.now)
    bench.call_all([frame, frame])
    assert bench.call(*frame) == {}
    event = SessionEvent.objects.get()
    assert (event.session, event.quarantine_reason) == (None, "unknown_transaction")
    value = MeterValue.objects.get()
    assert (value.session, value.flags) == (None, ["unknown_transaction"])


def test_a_number_beyond_every_connector_is_kept(bench):
    for connector in (-1, 2**40):
        bench.begin(connector=connector)
        bench.call(*meter_values("1.6", 300, connector=connector, at=bench.now))
    assert [session.evse_number for session in bench.sessions()] == [0, 0]
    assert {flag for session in bench.sessions() for flag in session.flags} == {"connector_out_of_range"}
