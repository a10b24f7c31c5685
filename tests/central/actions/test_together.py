"""Starts, stops and authorisations of many charge points in one batch: plain and rare ones side by side."""

import pytest

from central.models import Session, SessionEvent
from registry.models import Event
from tests.support.handlers import Bench, call_together, charge_point_create, token_create
from tests.support.messages import Transaction, authorize, token_status

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def benches(organization):
    """Four charge points."""
    token_create(organization)
    return [Bench(charge_point_create(organization, f"CP-{number}"), "1.6") for number in range(4)]


def begun(benches):
    """A running transaction on each."""
    transactions = [Transaction("1.6", "TAG-1", 1) for _ in benches]
    calls = [(bench, made.start(100, bench.now)) for bench, made in zip(benches, transactions, strict=True)]
    for made, answer in zip(transactions, call_together(calls), strict=True):
        made.started(answer)
    return transactions


def test_each_start_gets_its_own_number_and_its_session(benches):
    transactions = begun(benches)
    for bench, made in zip(benches, transactions, strict=True):
        session = bench.session()
        assert session.transaction_id == str(made.id)
        assert (session.state, session.meter_start_wh, session.needs_review) == ("active", 100, False)
        assert session.events.get().answer["transactionId"] == made.id
    told = Event.objects.filter(kind="session.started").values_list("data__session_id", flat=True)
    assert sorted(told) == sorted(Session.objects.values_list("pk", flat=True))


def test_repeats_open_sessions_and_refused_tags_do_not_disturb_the_others(benches):
    repeating, taken, stranger, plain = benches
    first = Transaction("1.6", "TAG-1", 1).start(0, repeating.now)
    known = repeating.call(*first)
    taken.begin(wh=7)
    calls = [
        (repeating, first),
        (taken.after(minutes=5), Transaction("1.6", "TAG-1", 1).start(9, taken.after(minutes=5).now)),
        (stranger, Transaction("1.6", "NOBODY", 1).start(0, stranger.now)),
        (plain, Transaction("1.6", "TAG-1", 1).start(0, plain.now)),
    ]
    answers = call_together(calls)
    assert answers[0] == known
    assert [answer["idTagInfo"]["status"] for answer in answers] == [
        "Accepted",
        "Accepted",
        "Invalid",
        "Accepted",
    ]
    assert len(repeating.sessions()) == 1
    older, newer = taken.sessions()
    assert (older.provisional_end, newer.state) == (True, "active")
    assert stranger.session().review_reasons == ["not_authorized"]


def test_two_starts_of_one_charge_point_are_served_one_after_the_other(benches):
    bench = benches[0]
    later = bench.after(minutes=5)
    calls = [
        (bench, Transaction("1.6", "TAG-1", 1).start(0, bench.now)),
        (later, Transaction("1.6", "TAG-1", 1).start(10, later.now)),
    ]
    call_together(calls)
    older, newer = bench.sessions()
    assert (older.provisional_end, newer.state) == (True, "active")


def test_a_token_for_one_session_begins_only_one_in_a_batch(organization, benches):
    token_create(organization, "TAG-9", concurrent_sessions=1)
    answers = call_together(
        [(bench, Transaction("1.6", "TAG-9", 1).start(0, bench.now)) for bench in benches]
    )
    assert [answer["idTagInfo"]["status"] for answer in answers] == ["Accepted"] + ["ConcurrentTx"] * 3


def test_stops_end_their_sessions_whatever_else_is_in_the_batch(benches):
    transactions = begun(benches)
    ends = [bench.after(minutes=10) for bench in benches]
    first = transactions[0].stop(600, ends[0].now)
    known = ends[0].call(*first)
    unknown = Transaction("1.6", "TAG-1", 1)
    unknown.id = 4711
    calls = [
        (ends[0], first),
        (ends[1], transactions[1].stop(700, ends[1].now)),
        (ends[2], unknown.stop(5, ends[2].now, idTag="NOBODY")),
        (ends[3], transactions[3].stop(900, ends[3].now, idTag="TAG-1")),
    ]
    answers = call_together(calls)
    assert answers[0] == known
    assert token_status(answers[3]) == "Accepted"
    assert [bench.session().energy_wh for bench in benches] == [500, 600, 0, 800]
    assert [bench.session().state for bench in benches] == ["ended", "ended", "active", "ended"]
    assert SessionEvent.objects.get(session=None).quarantine_reason == "unknown_transaction"
    assert Event.objects.filter(kind="session.ended").count() == 3


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_authorisations_are_answered_in_their_order(organization, version):
    token_create(organization, "GOOD")
    token_create(organization, "BAD", blocked=True)
    bench = Bench(charge_point_create(organization), version)
    tags = ["GOOD", "BAD", "NOBODY", "good"]
    answers = bench.call_all([authorize(version, tag) for tag in tags])
    assert [token_status(answer) for answer in answers] == ["Accepted", "Blocked", "Invalid", "Accepted"]
