"""A session in OCPP 1.6: StartTransaction, MeterValues, StopTransaction (§4.7, §4.8, §4.10)."""

from datetime import timedelta

import pytest

from central.models import MeterValue, Session, SessionEvent
from central.models.session import SessionState
from tests.support.handlers import Bench, charge_point_create
from tests.support.messages import meter_values, stamp


def test_a_session_from_start_to_stop(bench, token, site):
    transaction = bench.begin(wh=1000)
    bench.after(minutes=10).call(*transaction.meter(3000, bench.now + timedelta(minutes=10)))
    running = bench.session()
    assert (running.state, running.energy_wh, running.meter_last_wh) == (SessionState.ACTIVE, 2000, 3000)
    answer = bench.after(minutes=20).call(*transaction.stop(5500, bench.now + timedelta(minutes=20)))
    assert answer == {"idTagInfo": {"status": "Accepted"}}
    session = bench.session()
    assert (session.state, session.energy_wh) == (SessionState.ENDED, 4500)
    assert (session.id_token, session.site, session.stop_reason) == (token, site, "Local")
    assert (session.started_at, session.ended_at) == (bench.now, bench.now + timedelta(minutes=20))
    assert (session.needs_review, session.review_reasons, session.flags) == (False, [], [])
    assert session.evse_number == session.connector_number == 1


def test_numbers_are_random_and_31_bit(bench):
    numbers = {bench.begin(connector=connector).id for connector in range(1, 12)}
    assert len(numbers) == 11
    assert all(0 < number < 2**31 for number in numbers)
    assert max(numbers) - min(numbers) > 1000


@pytest.mark.parametrize("later", [0, 5])
def test_a_repeated_start_gets_the_same_number(bench, later):
    first = bench.begin(wh=10)
    again = bench.after(hours=later).begin(wh=10, at=bench.now)
    assert again.id == first.id
    assert len(bench.sessions()) == 1


def test_a_repeated_stop_gets_the_same_answer_and_one_effect(bench, token):
    transaction = bench.begin()
    stop = transaction.stop(1000, bench.now)
    first = bench.call(*stop)
    token.blocked = True
    token.save()
    assert bench.after(days=2).call(*stop) == first
    assert bench.session().end_received_at == bench.now


def test_meter_values_sent_twice_are_kept_once(bench):
    transaction = bench.begin()
    frame = transaction.meter(100, bench.now)
    bench.call_all([frame, frame])
    bench.after(minutes=3).call(*frame)
    assert MeterValue.objects.filter(session=bench.session()).count() == 1


def test_another_stop_for_an_ended_session_is_kept_for_a_person(bench):
    transaction = bench.begin()
    bench.call(*transaction.stop(1000, bench.now))
    answer = bench.call(*transaction.stop(9000, bench.now))
    assert answer == {"idTagInfo": {"status": "Accepted"}}
    assert bench.session().energy_wh == 1000
    assert SessionEvent.objects.exclude(quarantine_reason="").count() == 1


def test_a_start_with_an_unknown_tag_is_refused_and_kept(bench):
    start = bench.begin(tag="NOBODY")
    session = bench.session()
    assert session.authorization_status == "Invalid"
    assert session.review_reasons == ["not_authorized"]
    assert session.transaction_id == str(start.id)


def test_meter_values_outside_of_a_transaction_belong_to_the_connector(bench):
    bench.call(*meter_values("1.6", 500, connector=2, at=bench.now))
    value = MeterValue.objects.get()
    assert (value.session, value.evse_number, value.register_wh, value.flags) == (None, 2, 500, [])


def test_another_charge_points_number_changes_nothing_there(bench, organization):
    transaction = bench.begin()
    other = Bench(charge_point_create(organization), "1.6")
    other.call(*transaction.meter(5000, bench.now))
    answer = other.call(*transaction.stop(9000, bench.now))
    assert answer == {"idTagInfo": {"status": "Accepted"}}
    session = Session.objects.get()
    assert (session.state, session.energy_wh) == (SessionState.ACTIVE, 0)
    assert SessionEvent.objects.filter(charge_point=other.charge_point, session=None).count() == 2


def test_transaction_data_of_a_stop_is_stored_with_the_session(bench):
    transaction = bench.begin(wh=0)
    data = [
        {"timestamp": stamp(bench.now), "sampledValue": [{"value": "0", "context": "Transaction.Begin"}]},
        {"timestamp": stamp(bench.now), "sampledValue": [{"value": "0.9", "unit": "kWh"}]},
    ]
    bench.call(*transaction.stop(900, bench.now, transactionData=data))
    assert [value.register_wh for value in MeterValue.objects.order_by("pk")] == [0, 900]
    assert bench.session().energy_wh == 900
