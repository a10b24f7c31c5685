"""Orders over the wire: woken, claimed once, answered, late, lost (RELIABILITY T2, T3, F16)."""

import pytest

from central.models import Command, Message
from central.services.commands import remote_start
from emobility.lib import bell
from emobility.lib.clock import utc_now
from tests.support.wait import eventually

pytestmark = pytest.mark.integration

ACCEPT = {"RemoteStartTransaction": {"status": "Accepted"}, "RequestStartTransaction": {"status": "Accepted"}}


def order(enrolled, tag="TAG-1"):
    return remote_start(charge_point=enrolled.row, id_tag=tag, evse_number=1, now=utc_now())


def state(command):
    command.refresh_from_db()
    return command.state


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_an_order_reaches_the_connected_charge_point(enrolled, version):
    with enrolled.plug_in(version, handlers=ACCEPT) as charger:
        charger.boot()
        command = order(enrolled)
        eventually(lambda: state(command) == "accepted")
        assert charger.calls[0][0] == command.action
    rows = Message.objects.filter(message_id=command.message_id).order_by("id")
    assert [(row.direction, row.kind) for row in rows] == [("out", 2), ("in", 3)]


def test_orders_wait_for_the_charge_point(enrolled):
    commands = [order(enrolled, f"TAG-{number}") for number in range(5)]
    with enrolled.plug_in(handlers=ACCEPT) as charger:
        eventually(lambda: [state(command) for command in commands] == ["accepted"] * 5)
        assert [payload["idTag"] for _, payload in charger.calls] == [f"TAG-{number}" for number in range(5)]


def test_a_lost_bell_costs_seconds(enrolled, monkeypatch):
    monkeypatch.setattr(bell, "publish", lambda *_: None)
    with enrolled.plug_in(handlers=ACCEPT) as charger:
        charger.boot()
        command = order(enrolled)
        eventually(lambda: state(command) == "accepted", timeout=8)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [({"status": "Rejected"}, "rejected"), ({"status": "Perhaps"}, "failed"), ({}, "failed")],
)
def test_the_answer_decides(enrolled, answer, expected):
    with enrolled.plug_in(handlers={"RemoteStartTransaction": answer}) as charger:
        charger.boot()
        command = order(enrolled)
        eventually(lambda: state(command) == expected)


def test_an_error_is_a_failure_with_its_code(enrolled):
    with enrolled.plug_in() as charger:
        charger.boot()
        command = order(enrolled)
        frame = charger.recv_raw()
        charger.send_raw([4, frame[1], "NotSupported", "no", {}])
        eventually(lambda: state(command) == "failed")
        assert command.error == "NotSupported: no"


def test_time_runs_out_the_late_answer_is_kept_and_the_next_order_leaves(enrolled, settings):
    settings.OCPP_COMMAND_TIMEOUT = 1
    with enrolled.plug_in() as charger:
        charger.boot()
        first, second = order(enrolled, "TAG-1"), order(enrolled, "TAG-2")
        late = charger.recv_raw()
        assert late[3]["idTag"] == "TAG-1"
        eventually(lambda: state(first) == "timed_out")
        now = charger.recv_raw()
        charger.send_raw([3, late[1], {"status": "Accepted"}])
        charger.send_raw([3, now[1], {"status": "Accepted"}])
        eventually(lambda: state(second) == "accepted")
        eventually(lambda: Command.objects.get(pk=first.pk).answer == {"status": "Accepted"})
        assert state(first) == "timed_out"


def test_theirs_is_answered_while_ours_is_open(enrolled):
    with enrolled.plug_in() as charger:
        charger.boot()
        order(enrolled)
        charger.recv_raw()
        for _ in range(5):
            assert charger.heartbeat()


def test_a_replaced_connection_leaves_its_order_unknown_and_gets_no_more(enrolled):
    """T2: what was under way is unknown; every later order goes to the newer connection."""
    with enrolled.plug_in() as old:
        old.boot()
        lost = order(enrolled, "LOST")
        old.recv_raw()
        with enrolled.plug_in(handlers=ACCEPT) as new:
            eventually(lambda: state(lost) == "unknown")
            commands = [order(enrolled, f"TAG-{number}") for number in range(10)]
            eventually(lambda: {state(command) for command in commands} == {"accepted"})
            assert len(new.calls) == 10
            assert len(old.calls) == 1


def test_a_socket_that_dies_leaves_its_order_unknown(enrolled):
    with enrolled.plug_in() as charger:
        charger.boot()
        command = order(enrolled)
        charger.recv_raw()
        charger.kill()
        eventually(lambda: state(command) == "unknown")


def test_what_this_version_cannot_say_fails_with_its_reason(enrolled):
    with enrolled.plug_in(handlers=ACCEPT) as charger:
        charger.boot()
        command = order(enrolled, "X" * 21)
        good = order(enrolled, "GOOD")
        eventually(lambda: state(good) == "accepted")
        assert state(command) == "failed"
        assert "20" in command.error
