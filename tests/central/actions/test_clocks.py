"""Wrong clocks (RELIABILITY F13): both times are kept, a skew is remarked, nonsense waits for a person."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from central.models import ChargePointStatus
from tests.support.messages import stamp

CASES = {
    "right": (timedelta(0), [], []),
    "4 minutes behind": (timedelta(minutes=-4), [], []),
    "4 minutes ahead": (timedelta(minutes=4), [], []),
    "6 minutes behind": (timedelta(minutes=-6), [], ["clock_skew"]),
    "6 minutes ahead": (timedelta(minutes=6), [], ["clock_skew"]),
    "2 hours behind": (timedelta(hours=-2), [], ["clock_skew"]),
    "2 hours ahead": (timedelta(hours=2), [], ["clock_skew"]),
    "a day behind": (timedelta(days=-1), [], ["clock_skew"]),
    "a day ahead": (timedelta(days=1), ["clock_ahead"], ["clock_skew"]),
}


@pytest.mark.parametrize("name", CASES)
def test_f13_skew(name, bench):
    skew, reasons, flags = CASES[name]
    transaction = bench.begin(at=bench.now + skew)
    end = bench.after(minutes=30)
    end.call(*transaction.stop(1000, end.now + skew))
    session = bench.session()
    assert (session.review_reasons, session.flags) == (reasons, flags)
    assert (session.started_at, session.start_received_at) == (bench.now + skew, bench.now)
    assert (session.ended_at, session.end_received_at) == (end.now + skew, end.now)


def test_f13_a_start_in_1970_is_kept_and_held(bench):
    transaction = bench.begin(at=datetime(1970, 1, 1, 0, 5, tzinfo=UTC))
    end = bench.after(minutes=30)
    end.call(*transaction.stop(1000, end.now))
    session = bench.session()
    assert (session.energy_wh, session.review_reasons) == (1000, ["clock_unset"])


def test_a_jump_back_between_start_and_stop_is_held(bench):
    transaction = bench.begin(at=bench.now)
    bench.call(*transaction.stop(100, bench.now - timedelta(hours=3)))
    session = bench.session()
    assert (session.energy_wh, session.review_reasons) == (100, ["end_before_start"])


LATE = {
    "a jump of 40 days": (timedelta(days=40), None, ["clock_jumped"]),
    "one of 2 hours, connected all the time": (timedelta(hours=2), timedelta(hours=3), ["clock_jumped"]),
    "a start that was told when it was connected again": (timedelta(hours=2), timedelta(hours=1), []),
    "a start that was told late": (timedelta(hours=20), None, []),
    "half an hour": (timedelta(minutes=30), timedelta(hours=3), []),
}


def test_f13_a_jump_ahead_before_the_end_is_held(bench):
    """By 11 hours: no start that was told late explains it."""
    transaction = bench.begin()
    end = bench.after(minutes=30)
    end.call(*transaction.stop(1000, end.now + timedelta(hours=11)))
    assert bench.session().review_reasons == ["clock_jumped"]


@pytest.mark.parametrize("name", LATE)
def test_f13_more_time_than_passed_is_held(name, bench):
    """The start lies so long before its message; the charge point is connected since so long before that."""
    late, connected, reasons = LATE[name]
    ChargePointStatus.objects.create(
        charge_point=bench.charge_point,
        connection_id=uuid4() if connected else None,
        connected_at=bench.now - connected if connected else None,
    )
    transaction = bench.begin(at=bench.now - late)
    end = bench.after(minutes=30)
    end.call(*transaction.stop(1000, end.now))
    session = bench.session()
    assert (session.review_reasons, session.needs_review) == (reasons, bool(reasons))


@pytest.mark.parametrize(
    "text", ["2026-03-02T13:00:00+01:00", "2026-03-02T12:00:00.000000Z", "2026-03-02T12:00:00"]
)
def test_offsets_and_fractions_are_understood(bench, text):
    request = {"connectorId": 1, "idTag": "TAG-1", "meterStart": 0, "timestamp": text}
    bench.call("StartTransaction", request)
    assert bench.session().started_at == bench.now


def test_our_own_time_is_told_to_the_second(bench):
    assert bench.call("Heartbeat", {}) == {"currentTime": "2026-03-02T12:00:00.000Z"}
    assert bench.call_all([("Heartbeat", {})] * 3) == [{"currentTime": stamp(bench.now)}] * 3
