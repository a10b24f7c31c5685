"""TransactionEvents of many charge points in one batch: plain and rare ones side by side (2.x E01-E12)."""

import pytest

from central.models import Session, SessionEvent
from central.services.authorization import authorize_many
from central.services.policies import policies_of
from registry.models import Event
from tests.support.handlers import Bench, call_together, charge_point_create, token_create
from tests.support.messages import Transaction, id_token, token_status

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=["2.0.1", "2.1"])
def benches(request, organization):
    """Four charge points."""
    token_create(organization)
    return [Bench(charge_point_create(organization, f"CP-{number}"), request.param) for number in range(4)]


def begun(benches):
    """A running transaction on each, begun together."""
    transactions = [Transaction(bench.version) for bench in benches]
    starts = [(bench, made.start(100, bench.now)) for bench, made in zip(benches, transactions, strict=True)]
    return transactions, call_together(starts)


def test_starts_open_a_session_each(benches):
    transactions, answers = begun(benches)
    assert [token_status(answer) for answer in answers] == ["Accepted"] * 4
    for bench, made in zip(benches, transactions, strict=True):
        session = bench.session()
        assert (session.transaction_id, session.meter_start_wh) == (made.id, 100)
        assert (session.id_tag, session.needs_review, session.last_seq_no) == ("TAG-1", False, 0)
    told = Event.objects.filter(kind="session.started").values_list("data__session_id", flat=True)
    assert sorted(told) == sorted(Session.objects.values_list("pk", flat=True))


def test_repeats_open_sessions_and_refused_tags_do_not_disturb_the_others(benches):
    repeating, taken, stranger, plain = benches
    first = Transaction(repeating.version).start(0, repeating.now)
    known = repeating.call(*first)
    taken.begin(wh=7)
    later = taken.after(minutes=5)
    calls = [
        (repeating, first),
        (later, Transaction(taken.version).start(9, later.now)),
        (stranger, Transaction(stranger.version, "NOBODY").start(0, stranger.now)),
        (plain, Transaction(plain.version).start(0, plain.now)),
    ]
    answers = call_together(calls)
    assert answers[0] == known
    assert [token_status(answer) for answer in answers] == ["Accepted", "Accepted", "Invalid", "Accepted"]
    assert len(repeating.sessions()) == 1
    older, newer = taken.sessions()
    assert (older.provisional_end, newer.state) == (True, "active")
    assert stranger.session().review_reasons == ["not_authorized"]


def test_ends_updates_and_gaps_in_one_batch(benches):
    transactions, _ = begun(benches)
    ends = [bench.after(minutes=10) for bench in benches]
    ended, moving, gap, foreign = zip(ends, transactions, strict=True)
    lost = gap[1].meter(200, gap[0].now)
    calls = [
        (ended[0], ended[1].stop(600, ended[0].now)),
        (moving[0], moving[1].meter(300, moving[0].now)),
        (gap[0], gap[1].stop(700, gap[0].now)),
        (foreign[0], foreign[1].stop(800, foreign[0].now, idToken=id_token("SOMEBODY"))),
    ]
    call_together(calls)
    assert [bench.session().state for bench in benches] == ["ended", "active", "active", "ended"]
    assert [bench.session().energy_wh for bench in benches] == [500, 200, 600, 700]
    assert "other_tag_at_end" in foreign[0].session().flags
    assert gap[0].call(*lost) == {}
    session = gap[0].session()
    assert (session.state, session.energy_wh, session.end_seq_no) == ("ended", 600, 2)
    assert Event.objects.filter(kind="session.ended").count() == 3


def test_a_token_shown_on_the_way_makes_the_session_its_own(benches):
    starts, updates = [], []
    for bench in benches:
        made = Transaction(bench.version)
        kind, payload = made.start(0, bench.now)
        starts.append((bench, (kind, {key: value for key, value in payload.items() if key != "idToken"})))
        kind, payload = made.meter(10, bench.now)
        updates.append((bench, (kind, payload | {"idToken": id_token("tag-1")})))
    assert call_together(starts) == [{}] * 4
    assert [token_status(answer) for answer in call_together(updates)] == ["Accepted"] * 4
    for bench in benches:
        session = bench.session()
        assert (session.id_tag, session.id_token is not None, session.energy_wh) == ("tag-1", True, 10)


def test_a_token_for_one_session_begins_only_one_in_a_batch(organization, benches):
    token_create(organization, "TAG-9", concurrent_sessions=1)
    calls = [(bench, Transaction(bench.version, "TAG-9").start(0, bench.now)) for bench in benches]
    answers = call_together(calls)
    assert [token_status(answer) for answer in answers] == ["Accepted"] + ["ConcurrentTx"] * 3


def test_an_update_that_names_its_order_keeps_it(benches):
    (made, *_), _ = begun(benches)
    kind, payload = made.meter(200, benches[0].now)
    payload["transactionInfo"]["remoteStartId"] = 77
    call_together([(benches[0], (kind, payload | {"reservationId": 5}))])
    session = benches[0].session()
    assert (session.remote_start_id, session.reservation_id) == (77, 5)


def test_ends_take_the_same_number_of_statements_for_one_or_many(
    benches, django_assert_num_queries, django_assert_max_num_queries
):
    transactions, _ = begun(benches)
    ends = [bench.after(minutes=10) for bench in benches]
    frames = [made.stop(600, bench.now) for bench, made in zip(ends, transactions, strict=True)]
    policies_of({}, now=ends[0].now)
    with django_assert_max_num_queries(14) as captured:
        call_together([(ends[0], frames[0])])
    with django_assert_num_queries(len(captured)):
        call_together(list(zip(ends[1:], frames[1:], strict=True)))
    assert SessionEvent.objects.filter(kind="stop").count() == 4


def test_what_comes_late_or_again_is_told_from_what_is_next(benches):
    """Only such numbers are looked for in the ledger."""
    transactions, _ = begun(benches)
    (late, repeating, *_), (gap, again, *_) = benches, transactions
    lost = gap.meter(200, late.now)
    late.call(*gap.meter(300, late.after(minutes=2).now))
    known = again.meter(400, repeating.now)
    repeating.call(*known)
    plain = transactions[2].meter(500, benches[2].now)
    assert call_together([(late, lost), (repeating, known), (benches[2], plain)]) == [{}] * 3
    assert [bench.session().energy_wh for bench in benches] == [200, 300, 400, 0]
    assert SessionEvent.objects.filter(kind="update").count() == 4


def test_a_start_whose_transaction_is_there_by_then_holds_up_no_other(benches, monkeypatch):
    """Another process may be quicker between the look for sessions and their storing."""
    first, *others = benches
    made = Transaction(first.version)
    asked = "central.services.transaction_batches.authorize_many"

    def slowly(shown):
        monkeypatch.setattr(asked, authorize_many)
        first.call(*made.meter(100, first.now))
        return authorize_many(shown)

    monkeypatch.setattr(asked, slowly)
    starts = [(bench, Transaction(bench.version).start(0, bench.now)) for bench in others]
    answers = call_together([(first, made.start(0, first.now)), *starts])
    assert [token_status(answer) for answer in answers] == ["Accepted"] * 4
    assert [len(bench.sessions()) for bench in benches] == [1] * 4
    assert first.session().id_tag == "TAG-1"
    assert SessionEvent.objects.filter(kind="start").count() == 4
    assert Event.objects.filter(kind="session.started").count() == 4


def test_starts_updates_and_ends_share_their_statements(benches, django_assert_max_num_queries):
    (moving, ending), _ = begun(benches[:2])
    later = [bench.after(minutes=10) for bench in benches]
    calls = [
        (later[0], moving.meter(300, later[0].now)),
        (later[1], ending.stop(600, later[1].now)),
        (later[2], Transaction(later[2].version).start(0, later[2].now)),
    ]
    policies_of({}, now=later[0].now)
    with django_assert_max_num_queries(22):
        call_together(calls)
    assert [bench.session().state for bench in benches[:3]] == ["active", "ended", "active"]
