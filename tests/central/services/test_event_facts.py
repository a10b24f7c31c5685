"""Frequent facts in the event log: connections, states, sessions; written with the fact, seldom enough."""

import uuid

import pytest

from central.services.connections import Closing, Opening, connection_close, connection_open
from registry.catalog.table import KINDS
from registry.models import Event
from registry.services.webhook_requests import event_text
from tests.support.handlers import NOW, Bench

HOSTILE = [
    "<script>alert(1)</script>",
    '"; DROP TABLE registry_event; --',
    "=cmd|' /C calc'!A0",
    "{{7*7}}",
    "../../etc",
]


def told(kind):
    rows = list(Event.objects.filter(kind=kind).order_by("id"))
    assert all(set(row.data) <= set(KINDS[kind].data) for row in rows)
    return rows


def test_coming_and_going_are_told_once(charge_point):
    mine = uuid.uuid4()
    connection_open(Opening(charge_point.pk, uuid.uuid4(), "1.6", "192.0.2.1", NOW))
    connection_open(Opening(charge_point.pk, mine, "1.6", "192.0.2.1", NOW))
    (online,) = told("charge_point.connected")
    assert (online.subject, online.data["remote_address"]) == ("AMBER-1", "192.0.2.1")
    connection_close(Closing(charge_point.pk, uuid.uuid4(), NOW))
    assert told("charge_point.disconnected") == [], "an older connection's end means nothing"
    connection_close(Closing(charge_point.pk, mine, NOW))
    (offline,) = told("charge_point.disconnected")
    assert offline.data == {"connected_at": NOW.isoformat()}


def test_a_state_is_told_when_it_changes(bench):
    report = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
    bench.call("StatusNotification", report)
    bench.call("StatusNotification", report)
    bench.call("StatusNotification", {**report, "status": "Charging"})
    assert [row.data["status"] for row in told("connector.status")] == ["Available", "Charging"]


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_a_running_session_is_told_now_and_then(charge_point, token, settings, version):
    """Ten minutes of a meter value each ten seconds: one event a minute, with what it came to by then."""
    settings.SESSION_EVENT_SECONDS = 60
    bench = Bench(charge_point, version)
    began = bench.begin()
    for number in range(1, 61):
        later = bench.after(seconds=10 * number)
        later.call(*began.meter(10 * number, later.now))
    updates = told("session.updated")
    assert 9 <= len(updates) <= 11
    assert [row.data["energy_wh"] for row in updates] == sorted({row.data["energy_wh"] for row in updates})
    assert {row.subject for row in updates} == {str(bench.session().uid)}
    assert len(told("session.started")) == 1


def test_nothing_is_told_of_running_sessions_where_that_is_off(charge_point, token, settings):
    settings.SESSION_EVENT_SECONDS = 0
    bench = Bench(charge_point, "1.6")
    began = bench.begin()
    later = bench.after(minutes=10)
    later.call(*began.meter(100, later.now))
    assert told("session.updated") == []


def test_an_end_says_how_much_and_why(bench):
    began = bench.begin()
    later = bench.after(hours=1)
    later.call(*began.stop(5000, later.now))
    (row,) = told("session.ended")
    assert (row.data["energy_wh"], row.data["transaction_id"]) == (5000, bench.session().transaction_id)
    assert row.data["reason"]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_charge_point_writes_is_data(bench, text):
    """T19: the text arrives as it was written, as one JSON string in plain ASCII."""
    bench.call("BootNotification", {"chargePointVendor": text[:20], "chargePointModel": text[:20]})
    (row,) = told("charge_point.booted")
    assert row.data["vendor"] == text[:20]
    assert event_text(Event.objects.get(pk=row.pk)).isascii()
