"""OpenPeriodicEventStream, NotifyPeriodicEventStream, ClosePeriodicEventStream (2.1 N11, N13, N15)."""

from datetime import timedelta

import pytest

from central.models import EventStream, EventStreamValue
from central.ocpp.router import ACTIONS
from central.ocpp.schemas import validate_request
from central.services.event_streams import event_stream_values_drop_old
from tests.support.device_model import AT
from tests.support.handlers import NOW, Bench


@pytest.fixture
def charger(charge_point):
    return Bench(charge_point, "2.1")


def opened(charger, number=4, monitor=7, **params):
    data = {"id": number, "variableMonitoringId": monitor, "params": params}
    return charger.call("OpenPeriodicEventStream", {"constantStreamData": data})


def send(charger, *values, number=4, pending=0, basetime=AT):
    """A SEND has no answer that a schema could check."""
    data = [{"t": t, "v": v} for t, v in values]
    request = {"id": number, "pending": pending, "basetime": basetime, "data": data}
    validate_request("2.1", "NotifyPeriodicEventStream", request)
    handle = ACTIONS["2.1", "NotifyPeriodicEventStream"].handle
    assert handle is not None
    handle(charger.context(), request)


def test_a_stream_is_opened_filled_and_closed(charger):
    assert opened(charger, interval=60, values=30) == {"status": "Accepted"}
    send(charger, (0, "1.5"), (1.5, "1.6"), pending=3)
    row = EventStream.objects.get()
    assert (row.number, row.monitor_number, row.interval, row.values_each) == (4, 7, 60, 30)
    assert (row.received, row.pending, row.last_at) == (2, 3, NOW + timedelta(seconds=1.5))
    assert list(row.values.order_by("at").values_list("value", flat=True)) == ["1.5", "1.6"]
    assert charger.call("ClosePeriodicEventStream", {"id": 4}) == {}
    assert EventStream.objects.get().closed_at == NOW


def test_opening_again_and_closing_what_was_never_open(charger):
    assert charger.call("ClosePeriodicEventStream", {"id": 4}) == {}
    opened(charger, interval=60)
    charger.call("ClosePeriodicEventStream", {"id": 4})
    opened(charger.after(hours=1), monitor=8)
    row = EventStream.objects.get()
    assert (row.monitor_number, row.interval, row.closed_at) == (8, None, None)
    assert row.opened_at == NOW + timedelta(hours=1)


def test_values_are_kept_once(charger):
    opened(charger)
    send(charger, (0, "1"), (1, "2"))
    send(charger, (0, "1"), (1, "3"), (2, "3"))
    assert EventStream.objects.get().received == 4
    assert EventStreamValue.objects.count() == 4


def test_values_of_a_stream_that_nobody_opened_are_kept(charger):
    send(charger, (0, "1"), number=9)
    row = EventStream.objects.get()
    assert (row.number, row.monitor_number, row.received) == (9, None, 1)


@pytest.mark.parametrize("offset", [-1e300, 1e300, -0.5])
def test_offsets_beyond_all_time_do_no_harm(charger, offset):
    send(charger, (offset, "1"))
    assert EventStreamValue.objects.count() == 1


def test_old_values_go(charger):
    send(charger, (0, "1"))
    assert event_stream_values_drop_old(now=NOW + timedelta(days=2), keep_days=1) == 1
    assert EventStream.objects.exists()
