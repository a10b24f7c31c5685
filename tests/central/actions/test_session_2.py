"""A session in OCPP 2.0.1 and 2.1: TransactionEvent (E01-E12), in any order and with repeats."""

import random
from datetime import timedelta

import pytest

from central.models import MeterValue, SessionEvent
from central.models.review import ReviewReason
from central.models.session import SessionState
from central.services.transactions import transactions_end_incomplete
from tests.support.handlers import Bench, call_together, charge_point_create
from tests.support.messages import Transaction, id_token


@pytest.fixture(params=["2.0.1", "2.1"])
def bench(request, charge_point, token):
    """The charge point in both versions."""
    return Bench(charge_point, request.param)


def script(bench, updates=3, wh=500):
    """The frames of a transaction of `updates` updates, ten minutes and `wh` apart."""
    transaction = Transaction(bench.version)
    times = [bench.now + timedelta(minutes=10 * step) for step in range(updates + 2)]
    frames = [transaction.start(1000, times[0])]
    frames += [transaction.meter(1000 + wh * step, times[step]) for step in range(1, updates + 1)]
    return [*frames, transaction.stop(1000 + wh * (updates + 1), times[-1])]


def test_a_session_from_start_to_end(bench, token, site):
    frames = script(bench)
    answers = [bench.after(minutes=10 * step).call(*frame) for step, frame in enumerate(frames)]
    assert answers[0] == {"idTokenInfo": {"status": "Accepted"}}
    assert answers[1:-1] == [{}] * 3
    session = bench.session()
    assert (session.state, session.energy_wh) == (SessionState.ENDED, 2000)
    assert (session.meter_start_wh, session.meter_stop_wh) == (1000, 3000)
    assert (session.id_token, session.site, session.stop_reason) == (token, site, "Local")
    assert (session.started_at, session.ended_at) == (bench.now, bench.now + timedelta(minutes=40))
    assert (session.review_reasons, session.flags) == ([], [])
    assert (session.evse_number, session.connector_number) == (1, 1)
    assert MeterValue.objects.filter(session=session).count() == 5


@pytest.mark.parametrize("seed", range(25))
def test_events_in_any_order_make_the_same_session(bench, seed):
    frames = script(bench, updates=6)
    shuffled = random.Random(seed).sample(frames * 2, 2 * len(frames))
    later = bench.after(minutes=70)
    for frame in shuffled:
        later.call(*frame)
    session = bench.session()
    assert (session.state, session.energy_wh) == (SessionState.ENDED, 3500)
    assert (session.started_at, session.ended_at) == (bench.now, bench.now + timedelta(minutes=70))
    assert session.review_reasons == []
    assert MeterValue.objects.filter(session=session).count() == len(frames)


@pytest.mark.parametrize("seed", range(5))
def test_a_gap_keeps_the_session_open_until_the_limit_and_is_flagged(bench, seed):
    frames = script(bench, updates=6)
    lost = frames.pop(random.Random(seed).randrange(len(frames) - 1))
    later = bench.after(minutes=70)
    for frame in random.Random(seed).sample(frames, len(frames)):
        later.call(*frame)
    assert bench.session().state == SessionState.ACTIVE
    assert transactions_end_incomplete(now=later.now + timedelta(hours=71)) == 0
    assert transactions_end_incomplete(now=later.now + timedelta(hours=73)) == 1
    session = bench.session()
    assert (session.state, session.needs_review) == (SessionState.ENDED, True)
    assert ReviewReason.MISSING_EVENTS in session.review_reasons
    bench.after(hours=80).call(*lost)
    session = bench.session()
    assert (session.energy_wh, session.review_reasons) == (3500, [])


def test_a_repeat_gets_the_stored_answer_also_after_the_end(bench, token):
    frames = script(bench)
    first = [bench.call(*frame) for frame in frames]
    token.blocked = True
    token.save()
    assert [bench.after(days=1).call(*frame) for frame in frames] == first
    assert SessionEvent.objects.count() == len(frames)
    assert bench.session().energy_wh == 2000


def test_a_number_used_twice_for_different_events_loses_neither(bench):
    frames = script(bench)
    for _, payload in frames:
        payload["seqNo"] = 0
    for frame in frames:
        bench.call(*frame)
    session = bench.session()
    assert (session.state, session.energy_wh) == (SessionState.ENDED, 2000)
    assert "seq_no_reused" in session.flags


def test_updates_of_many_charge_points_are_served_together(bench, organization):
    benches = [bench, *(Bench(charge_point_create(organization), bench.version) for _ in range(9))]
    transactions = [each.begin(wh=0) for each in benches]
    frames = [
        (each, transaction.meter(100 * step, each.now + timedelta(minutes=step)))
        for step in (1, 2)
        for each, transaction in zip(benches, transactions, strict=True)
    ]
    call_together(frames + frames[:5])
    assert [each.session().energy_wh for each in benches] == [200] * 10
    assert MeterValue.objects.count() == 30


def test_an_update_takes_the_same_number_of_statements_for_one_or_many(
    bench, organization, django_assert_num_queries, django_assert_max_num_queries
):
    benches = [Bench(charge_point_create(organization), bench.version) for _ in range(12)]
    pairs = [(each, each.begin(wh=0)) for each in benches]

    def frames(step, of):
        return [(each, transaction.meter(100 * step, each.now)) for each, transaction in of]

    with django_assert_max_num_queries(8) as captured:
        call_together(frames(1, pairs[:1]))
    with django_assert_num_queries(len(captured)):
        call_together(frames(2, pairs))


def test_a_token_that_comes_later_makes_the_session_its_own(bench, token):
    transaction = Transaction(bench.version)
    kind, payload = transaction.start(0, bench.now)
    del payload["idToken"]
    assert bench.call(kind, payload) == {}
    assert bench.session().id_token is None
    kind, payload = transaction.meter(10, bench.now)
    answer = bench.call(kind, payload | {"idToken": id_token("tag-1")})
    assert answer == {"idTokenInfo": {"status": "Accepted"}}
    assert bench.session().id_token == token


def test_an_unknown_token_is_refused_and_the_session_kept(bench):
    answer = bench.call(*Transaction(bench.version, "NOBODY").start(0, bench.now))
    assert answer["idTokenInfo"]["status"] == "Invalid"
    assert bench.session().review_reasons == ["not_authorized"]


def test_a_start_without_authorization_is_accepted(bench):
    kind, payload = Transaction(bench.version).start(0, bench.now)
    answer = bench.call(kind, payload | {"idToken": {"idToken": "", "type": "NoAuthorization"}})
    assert answer["idTokenInfo"]["status"] == "Accepted"
    assert bench.session().needs_review is False


def test_history_of_an_offline_time_is_processed_like_news(bench):
    frames = script(bench)
    for _, payload in frames:
        payload["offline"] = True
    late = bench.after(hours=24)
    for frame in frames:
        late.call(*frame)
    session = bench.session()
    assert (session.state, session.energy_wh, session.needs_review) == (SessionState.ENDED, 2000, False)
    assert (session.started_at, session.start_received_at) == (bench.now, late.now)
    assert session.flags == ["offline"]
