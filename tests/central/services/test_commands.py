"""Orders as rows: a full queue, one claimer, expiry, late answers, loss under way, retry, audit."""

import uuid
from datetime import timedelta

import pytest

from central.models import ChargePointStatus, Command, Session
from central.models.command import CommandState
from central.services.command_delivery import (
    command_answered,
    command_claim_next,
    command_sent,
    command_timed_out,
    command_unknown,
    commands_sweep,
)
from central.services.commands import (
    QueueFull,
    command_cancel,
    command_retry,
    remote_start,
    remote_stop,
)
from emobility.lib.errors import Conflict, Invalid, TooMany
from registry.models import AuditEntry, ChargePoint, Event
from registry.models.charge_point import RegistrationStatus
from tests.central.actions.test_concurrency import together
from tests.support.handlers import NOW, Bench, token_create
from tests.support.registry import person

SOON = NOW + timedelta(seconds=5)
LATER = NOW + timedelta(minutes=6)


@pytest.fixture
def connection_id(charge_point):
    """A connection that owns the charge point."""
    number = uuid.uuid4()
    ChargePointStatus.objects.create(charge_point=charge_point, connection_id=number, last_seen=NOW)
    return number


@pytest.fixture
def order(charge_point):
    """Order a remote start."""

    def make(tag="TAG-1", **fields):
        return remote_start(charge_point=charge_point, id_tag=tag, now=NOW, **fields)

    return make


def claim(charge_point, connection_id, now=SOON):
    return command_claim_next(
        charge_point_id=charge_point.pk, connection_id=connection_id, version="1.6", now=now
    )


def state(command):
    return Command.objects.get(pk=command.pk).state


def test_orders_are_claimed_in_turn_one_at_a_time(charge_point, connection_id, order):
    first, second = order("A"), order("B")
    claimed = claim(charge_point, connection_id)
    assert (claimed, claimed.state, claimed.attempts) == (first, CommandState.SENT, 1)
    assert claim(charge_point, connection_id) is None
    command_answered(command_id=first.pk, answer={"status": "Accepted"}, accepted=True, now=SOON)
    assert claim(charge_point, connection_id) == second


def test_only_the_owner_of_the_charge_point_may_claim(charge_point, connection_id, order):
    order()
    assert claim(charge_point, uuid.uuid4()) is None
    assert claim(charge_point, connection_id) is not None


def test_one_of_many_claimers_wins(transactional_db, charge_point, connection_id, order):
    order()
    claims = together([lambda: claim(charge_point, connection_id)] * 4)
    assert len([command for command in claims if command]) == 1


def test_a_queue_has_an_end(order, settings):
    settings.OCPP_COMMAND_QUEUE_LIMIT = 3
    for number in range(3):
        order(f"TAG-{number}")
    with pytest.raises(QueueFull):
        order("TAG-4")


def test_an_expired_order_never_leaves_and_makes_room(charge_point, connection_id, order, settings):
    settings.OCPP_COMMAND_QUEUE_LIMIT = 1
    command = order()
    assert claim(charge_point, connection_id, now=LATER) is None
    assert state(command) == CommandState.EXPIRED
    remote_start(charge_point=charge_point, id_tag="TAG-2", now=LATER)


def test_the_sweep_expires_and_gives_up(charge_point, connection_id, order):
    lost, due = order(), order()
    claim(charge_point, connection_id)
    assert commands_sweep(now=SOON) == 0
    assert commands_sweep(now=LATER) == 2
    assert (state(lost), state(due)) == (CommandState.UNKNOWN, CommandState.EXPIRED)


def test_a_late_answer_is_recorded_and_changes_no_state(charge_point, connection_id, order):
    command = order()
    claim(charge_point, connection_id)
    command_sent(command_id=command.pk, message_id="m", action="A", request={}, now=SOON)
    command_timed_out(command_id=command.pk, now=SOON)
    command_answered(command_id=command.pk, answer={"status": "Accepted"}, accepted=True, now=LATER)
    command.refresh_from_db()
    assert (command.state, command.answer) == (CommandState.TIMED_OUT, {"status": "Accepted"})


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        ({"answer": {"status": "Accepted"}, "accepted": True}, CommandState.ACCEPTED),
        ({"answer": {"status": "Rejected"}}, CommandState.REJECTED),
        ({"answer": None, "error": "NotSupported"}, CommandState.FAILED),
    ],
)
def test_the_answer_decides(outcome, expected, charge_point, connection_id, order):
    command = order()
    claim(charge_point, connection_id)
    command_answered(command_id=command.pk, now=SOON, **outcome)
    command.refresh_from_db()
    assert (command.state, command.finished_at) == (expected, SOON)
    assert Event.objects.filter(kind=f"command.{expected}").count() == 1


def test_orders_of_a_replaced_connection_are_unknown(charge_point, connection_id, order):
    command = order()
    claim(charge_point, connection_id)
    command_unknown(charge_point_id=charge_point.pk, keep_connection_id=connection_id, now=SOON)
    assert state(command) == CommandState.SENT
    command_unknown(charge_point_id=charge_point.pk, keep_connection_id=uuid.uuid4(), now=SOON)
    assert state(command) == CommandState.UNKNOWN


def test_a_waiting_order_can_be_taken_back_and_a_finished_one_repeated(charge_point, connection_id, order):
    command = order(reason="gate")
    with pytest.raises(Conflict):
        command_retry(command=command, now=SOON)
    cancelled = command_cancel(command=command, now=SOON)
    assert cancelled.state == CommandState.CANCELLED
    with pytest.raises(Conflict):
        command_cancel(command=command, now=SOON)
    again = command_retry(command=cancelled, now=LATER)
    assert (again.order, again.params, again.reason) == (command.order, command.params, "gate")
    assert again.expires_at - again.created_at == command.expires_at - command.created_at


def test_a_persons_order_is_in_the_audit_trail(organization, order):
    operator = person(organization, "operator")
    command = order(requested_by=operator, reason="test drive", source="admin")
    entry = AuditEntry.objects.get(user=operator)
    assert entry.action == "command.queued:remote_start"
    assert (entry.after or {})["id_tag"] == "TAG-1"
    assert (command.requested_by, command.reason, command.source) == (operator, "test drive", "admin")


def test_a_person_may_order_sixty_times_a_minute(organization, order, settings):
    """RELIABILITY T20."""
    settings.OCPP_COMMAND_QUEUE_LIMIT = 100
    operator = person(organization, "operator")
    for _ in range(60):
        order(requested_by=operator)
    with pytest.raises(TooMany):
        order(requested_by=operator)
    order()


def test_who_is_deregistered_gets_no_orders(charge_point, order):
    ChargePoint.objects.update(status=RegistrationStatus.DEREGISTERED)
    charge_point.refresh_from_db()
    with pytest.raises(Conflict):
        order()


def test_a_start_needs_a_tag(order):
    with pytest.raises(Invalid):
        order("")


def test_an_ended_session_cannot_be_stopped(charge_point, token):
    bench = Bench(charge_point, "1.6")
    transaction = bench.begin()
    assert remote_stop(session=bench.session(), now=NOW).params["transaction_id"] == str(transaction.id)
    bench.call(*transaction.stop(10, NOW))
    with pytest.raises(Conflict):
        remote_stop(session=bench.session(), now=NOW)


class TestRemoteStartAndItsSession:
    """A remote start makes no session; the one that the charge point reports points at the order."""

    @pytest.fixture(autouse=True)
    def _tokens(self, organization):
        token_create(organization)

    def send(self, command):
        Command.objects.filter(pk=command.pk).update(state=CommandState.SENT, sent_at=NOW)

    def test_in_1_6_by_tag_and_connector_soon_after(self, charge_point, order):
        bench = Bench(charge_point, "1.6", SOON)
        other, command = order("TAG-9"), order(evse_number=2)
        self.send(other)
        self.send(command)
        assert not Session.objects.exists()
        bench.begin(connector=1)
        bench.begin(tag="tag-1", connector=2)
        bench.begin(connector=2, wh=7)
        found = [session.remote_start_id for session in bench.sessions()]
        assert found == [None, command.pk, None]

    def test_in_1_6_not_long_after(self, charge_point, order):
        self.send(order())
        bench = Bench(charge_point, "1.6", NOW + timedelta(hours=1))
        bench.begin()
        assert bench.session().remote_start_id is None

    @pytest.mark.parametrize("version", ["2.0.1", "2.1"])
    def test_in_2_by_the_number(self, version, charge_point, order):
        command = order()
        bench = Bench(charge_point, version)
        transaction = bench.begin()
        kind, payload = transaction.meter(5, NOW)
        payload["transactionInfo"]["remoteStartId"] = command.pk
        bench.call(
            kind, payload | {"triggerReason": "RemoteStart", "idToken": {"idToken": "X", "type": "Central"}}
        )
        assert bench.session().remote_start_id == command.pk
