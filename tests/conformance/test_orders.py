"""Orders: what is asked for is sent, nothing else is; the charge point's answer is the truth."""

import pytest

from central.models import Command, Message
from central.models.command import CommandState
from central.services.commands import remote_start
from emobility.lib.clock import utc_now
from tests.support.wait import eventually

pytestmark = pytest.mark.integration

STARTS = ("RemoteStartTransaction", "RequestStartTransaction")


@pytest.fixture(params=["1.6", "2.0.1", "2.1"])
def version(request):
    return request.param


def start(enrolled, connector=1):
    return remote_start(charge_point=enrolled.row, id_tag="TAG-1", evse_number=connector, now=utc_now())


def state(command):
    return Command.objects.get(pk=command.pk).state


@pytest.mark.parametrize("answer", ["Accepted", "Rejected"])
def test_what_we_do_not_know_is_ordered_all_the_same(enrolled, version, answer):
    """A connector that never reported itself: the charge point's answer is the truth."""
    with enrolled.plug_in(version, handlers={action: {"status": answer} for action in STARTS}) as charger:
        charger.boot()
        command = start(enrolled, connector=7)
        eventually(lambda: state(command) == answer.lower())
        (_, payload) = charger.calls[0]
        assert 7 in {payload.get("connectorId"), payload.get("evseId")}


def test_after_the_boot_there_is_silence(enrolled, version):
    """Nothing is sent by itself: what comes next is the answer to the next request."""
    with enrolled.plug_in(version) as charger:
        charger.boot()
        for connector in (0, 1, 2):
            charger.status(connector)
        for _ in range(10):
            charger.heartbeat()
        with pytest.raises(TimeoutError):
            charger.recv_raw(within=1)
        assert charger.calls == []
    assert not Message.objects.filter(direction="out", kind=2).exists()


def test_one_call_is_open_the_others_wait_in_their_turn(enrolled, version):
    with enrolled.plug_in(version) as charger:
        charger.boot()
        commands = [start(enrolled, connector) for connector in (1, 2, 3)]
        for command in commands:
            kind, message_id, action, _ = charger.recv_raw()
            assert (kind, action in STARTS) == (2, True)
            assert [state(each) for each in commands].count(CommandState.SENT) == 1
            charger.send_raw([3, message_id, {"status": "Accepted"}])
            eventually(lambda: state(command) == CommandState.ACCEPTED)  # noqa: B023


def test_f16_an_answer_after_the_limit_is_kept_and_changes_nothing(enrolled, version, settings):
    settings.OCPP_COMMAND_TIMEOUT = 1
    with enrolled.plug_in(version) as charger:
        charger.boot()
        command = start(enrolled)
        message_id = charger.recv_raw()[1]
        eventually(lambda: state(command) == CommandState.TIMED_OUT)
        charger.send_raw([3, message_id, {"status": "Accepted"}])
        eventually(lambda: Command.objects.get(pk=command.pk).answer is not None)
        assert state(command) == CommandState.TIMED_OUT
        assert charger.heartbeat()


def test_their_call_is_served_while_ours_is_open(enrolled, version):
    with enrolled.plug_in(version) as charger:
        charger.boot()
        command = start(enrolled)
        message_id = charger.recv_raw()[1]
        assert charger.heartbeat()
        charger.send_raw([3, message_id, {"status": "Accepted"}])
        eventually(lambda: state(command) == CommandState.ACCEPTED)
