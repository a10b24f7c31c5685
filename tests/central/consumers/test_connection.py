"""The life of a socket: replaced, revoked, killed, flooded; nothing received is lost (T2, T3, T12)."""

import json
import time
from contextlib import ExitStack, suppress

import pytest
from websockets.exceptions import ConnectionClosed

from central.models import ChargePointStatus, Message
from central.services import connections
from registry.models import Event
from registry.models.charge_point import RegistrationStatus
from registry.signals import charge_point_revoked
from tests.support.charge_point import Refused
from tests.support.raw_socket import RawSocket, call
from tests.support.wait import eventually

pytestmark = pytest.mark.integration


def live(enrolled):
    return ChargePointStatus.objects.get(charge_point=enrolled.row)


def test_t2_the_newer_connection_replaces_the_older(enrolled):
    """T2: the older one is closed in order, the newer one owns the charge point."""
    with enrolled.plug_in() as old:
        old.boot()
        with enrolled.plug_in() as new:
            assert old.wait_closed(within=2) == 1000
            assert new.heartbeat()
            owner = live(enrolled).connection_id
            assert owner is not None
        assert Event.objects.filter(kind=connections.REPLACED, charge_point=enrolled.row).count() == 1


def test_a_failed_attempt_does_not_disturb_the_connected_one(enrolled):
    """T2: attempts without the right secret change nothing."""
    with enrolled.plug_in() as charger:
        charger.boot()
        for _ in range(30):
            with pytest.raises(Refused), enrolled.plug_in(password="wrong"):
                pass
        for _ in range(10):
            assert charger.heartbeat()


def test_t3_a_late_close_of_the_older_changes_nothing(enrolled):
    """T3: whichever way the older connection dies, the charge point stays online with the newer one."""
    for _ in range(10):
        with enrolled.plug_in() as old, enrolled.plug_in() as new:
            old.kill()
            assert new.call("BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"})
            assert live(enrolled).is_online
        eventually(lambda: not live(enrolled).is_online)


def test_t2_many_replacements_raise_an_alarm_once(enrolled):
    """T2: more than five replacements in ten minutes."""
    with ExitStack() as connections_open:
        for _ in range(9):
            connections_open.enter_context(enrolled.plug_in())
    assert Event.objects.filter(kind=connections.REPLACED).count() == 8
    assert Event.objects.filter(kind=connections.ALARM).count() == 1


@pytest.mark.parametrize("bell_rings", [True, False])
def test_a_deregistered_charge_point_is_cut_off(enrolled, bell_rings):
    """Deregistration ends the socket within 5 s, also where the bell is lost."""
    with enrolled.plug_in() as charger:
        charger.boot()
        enrolled.row.status = RegistrationStatus.DEREGISTERED
        enrolled.row.save(update_fields=["status"])
        if bell_rings:
            charge_point_revoked.send(None, charge_point_id=enrolled.row.pk, reason="deregistered")
        assert charger.wait_closed(within=5) == 4403


def test_rotation_cuts_off(enrolled):
    with enrolled.plug_in() as charger:
        charger.boot()
        enrolled.row.token_version += 1
        enrolled.row.save(update_fields=["token_version"])
        assert charger.wait_closed(within=5) == 4403


def test_what_was_received_counts_even_if_the_socket_dies_at_once(enrolled):
    """A charge point that resets hard closes before the answer: the message is a fact all the same."""
    with enrolled.plug_in() as charger:
        charger.boot()
        for number in range(5):
            payload = {"connectorId": number + 1, "errorCode": "NoError", "status": "Available"}
            charger.send_raw([2, f"s{number}", "StatusNotification", payload])
        charger.kill()
    eventually(
        lambda: Message.objects.filter(action="StatusNotification", direction="out", kind=3).count() == 5
    )


def test_calls_without_waiting_are_answered_in_order(enrolled):
    with enrolled.plug_in() as charger:
        charger.boot()
        for number in range(50):
            charger.send_raw([2, f"h{number}", "Heartbeat", {}])
        assert [charger.recv_raw()[1] for _ in range(50)] == [f"h{number}" for number in range(50)]


def test_the_same_message_again_gets_the_same_answer(enrolled):
    with enrolled.plug_in() as charger:
        charger.boot()
        frame = '[2,"same","Heartbeat",{}]'
        charger.send_raw(frame)
        first = charger.recv_raw()
        charger.send_raw(frame)
        assert charger.recv_raw() == first


def test_t12_a_flood_is_held_back(enrolled, enrol):
    """T12: whoever does not wait for answers is read no further than we serve; nobody else notices."""
    other = enrol("CP-2")
    with enrolled.plug_in() as charger, other.plug_in() as neighbour:
        neighbour.boot()
        charger.boot()
        for number in range(300):
            charger.send_raw([2, f"h{number}", "Heartbeat", {}])
        assert neighbour.heartbeat()
        assert [charger.recv_raw()[1] for _ in range(300)] == [f"h{number}" for number in range(300)]


def test_where_the_server_cannot_hold_back_a_flood_is_cut(enrolled, monkeypatch):
    """T12: a hundred waiting frames are the end of it."""
    monkeypatch.setattr("central.ocpp.link.CROWDED_FRAMES", 1000)
    with enrolled.plug_in() as charger:
        charger.boot()
        for number in range(2000):
            with suppress(ConnectionClosed):
                charger.send_raw([2, f"h{number}", "Heartbeat", {}])
        assert charger.wait_closed() == 4008


def test_t12_a_large_frame_is_taken_a_larger_one_ends_the_socket(enrolled):
    """T12: 4 MiB is the limit."""
    with enrolled.plug_in() as charger:
        charger.boot()
        data = "x" * 3_000_000
        charger.send_raw([2, "big", "DataTransfer", {"vendorId": "V", "data": data}])
        assert charger.recv_raw()[:2] == [3, "big"]
        with suppress(ConnectionClosed):
            charger.send_raw([2, "huge", "DataTransfer", {"vendorId": "V", "data": data * 2}])
        assert charger.wait_closed() == 1009


def test_before_the_boot_nothing_else_is_served_afterwards_a_reconnect_is(enrolled):
    with enrolled.plug_in() as charger:
        charger.send_raw([2, "early", "Heartbeat", {}])
        assert charger.recv_raw()[2] == "SecurityError"
        charger.boot()
    with enrolled.plug_in() as charger:
        assert charger.heartbeat()


def test_every_frame_is_in_the_log(enrolled):
    with enrolled.plug_in() as charger:
        charger.boot()
        charger.send_raw([2, "bad", "Heartbeat", {"x": 1}])
        charger.recv_raw()
        charger.send_raw("nonsense")
        charger.recv_raw()
    rows = Message.objects.filter(charge_point=enrolled.row).order_by("id")
    assert [(row.direction, row.kind, row.action, row.error_code) for row in rows] == [
        ("in", 2, "BootNotification", ""),
        ("out", 3, "BootNotification", ""),
        ("in", 2, "Heartbeat", "FormationViolation"),
        ("out", 4, "Heartbeat", "FormationViolation"),
        ("in", 0, "", "FormationViolation"),
        ("out", 4, "", "FormationViolation"),
    ]
    assert (rows[0].payload or {})["chargePointVendor"] == "Acme"
    assert (rows[1].payload or {})["status"] == "Accepted"
    assert rows[1].latency_ms is not None
    assert json.dumps(rows[0].payload)


def test_last_seen_is_any_frame(enrolled):
    with enrolled.plug_in() as charger:
        charger.boot()
        before = live(enrolled).last_seen
        assert before is not None
    eventually(lambda: live(enrolled).last_seen > before)


def test_t12_who_reads_nothing_is_read_no_further(server, enrolled, enrol):
    """An ASGI server with flow control of its own: answers that nobody takes hold the next requests back."""
    other = enrol("CP-2")
    frame = call("x", "DataTransfer", {"vendorId": "V", "data": "x" * 8000})
    with other.plug_in() as neighbour, RawSocket(server.port, receive_buffer=4096) as charger:
        neighbour.boot()
        charger.knock(enrolled.cp_id, enrolled.secret)
        charger.send(call("boot", "BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"}))
        left, end = 4000 * len(frame), time.monotonic() + 1
        while left > 0 and time.monotonic() < end:
            left -= charger.send_some(frame)
        assert left > 0
        assert neighbour.heartbeat()
