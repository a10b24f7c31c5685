"""NotifyEvent: events once each, their values, states of connectors told this way (2.x N07, N08; 2.1 G01)."""

import pytest

from central.models import ChargePointStatus, Connector, DeviceEvent, VariableMonitor
from central.services.device_events import device_events_drop_old
from registry.models import Event
from tests.support.device_model import AT, at, event, events, variable
from tests.support.handlers import NOW, Bench


@pytest.fixture(params=["2.0.1", "2.1"])
def charger(request, charge_point):
    return Bench(charge_point, request.param)


@pytest.fixture
def modern(charge_point):
    return Bench(charge_point, "2.1")


def test_all_that_an_event_says_is_kept(charger):
    told = event(
        7,
        "81.5",
        cause=3,
        techCode="E12",
        techInfo="fan",
        cleared=False,
        transactionId="TX-1",
        variableMonitoringId=5,
    )
    assert charger.call("NotifyEvent", events(told)) == {}
    row = DeviceEvent.objects.get()
    assert (row.event_id, row.cause, row.monitor_number, row.transaction_id) == (7, 3, 5, "TX-1")
    assert (row.words, row.actual_value, row.cleared) == ("1:EVSE.Temperature", "81.5", False)
    assert (row.tech_code, row.tech_info, row.at, row.trigger) == ("E12", "fan", NOW, "Alerting")
    assert variable("Temperature").value == "81.5"
    assert variable("Temperature").source == "event"


def test_events_told_twice_are_kept_once(charger):
    charger.call("NotifyEvent", events(event(1), event(2)))
    charger.call("NotifyEvent", events(event(1), event(3), seq_no=1))
    assert sorted(DeviceEvent.objects.values_list("event_id", flat=True)) == [1, 2, 3]
    charger.call("NotifyEvent", events(event(1, "71")))
    assert DeviceEvent.objects.count() == 4, "an id used again for another event is another event"


def test_the_same_event_twice_in_one_message_is_one(charger):
    charger.call("NotifyEvent", events(event(1), event(1)))
    assert DeviceEvent.objects.count() == 1


def test_the_severity_is_the_events_own_or_that_of_its_monitor(charge_point, modern):
    VariableMonitor.objects.create(
        charge_point=charge_point, number=5, monitor_type="Delta", value=1, severity=2, told_at=NOW
    )
    modern.call("NotifyEvent", events(event(1, variableMonitoringId=5)))
    modern.call("NotifyEvent", events(event(2, variableMonitoringId=5, severity=6)))
    modern.call("NotifyEvent", events(event(3)))
    found = dict(DeviceEvent.objects.values_list("event_id", "severity"))
    assert found == {1: 2, 2: 6, 3: None}
    alert = Event.objects.get(kind="device.alert")
    assert (alert.data["severity"], alert.charge_point) == (2, charge_point)


def test_the_end_of_a_grave_event_is_told(modern):
    modern.call("NotifyEvent", events(event(1, "20", severity=1, cleared=True)))
    assert Event.objects.filter(kind="device.alert_cleared").exists()


def test_history_does_not_undo_what_was_told_later(modern):
    modern.call("NotifyEvent", events(event(2, "30", timestamp=AT)))
    earlier = "2026-03-02T10:00:00Z"
    modern.call("NotifyEvent", events(event(1, "99", timestamp=earlier)))
    assert variable("Temperature").value == "30"
    assert DeviceEvent.objects.count() == 2


@pytest.mark.parametrize(
    "timestamp", ["2026-03-02T11:58:00Z", "1970-01-01T00:00:00Z", "2099-01-01T00:00:00Z"]
)
def test_a_clock_that_differs_or_is_nonsense_hides_no_news(modern, timestamp):
    modern.call("NotifyEvent", events(event(1, "30")))
    modern.after(seconds=1).call("NotifyEvent", events(event(2, "40", timestamp=timestamp)))
    assert variable("Temperature").value == "40"


def test_secrets_are_not_kept(modern):
    told = event(1, "hunter2hunter2") | at("SecurityCtrlr", "BasicAuthPassword")
    modern.call("NotifyEvent", events(told))
    assert DeviceEvent.objects.get().actual_value == "***"
    assert variable("BasicAuthPassword").value == "***"


def availability(value, component="Connector", **where):
    return event(1, value, trigger="Delta") | at(component, "AvailabilityState", **where)


def test_states_of_connectors_come_as_events(charger):
    """2.1 B01.FR.05: StatusNotification is deprecated."""
    plug = {"id": 2, "connectorId": 1}
    charger.call("NotifyEvent", events(availability("Occupied", evse=plug)))
    row = Connector.objects.get()
    assert (row.evse.number, row.number, row.status) == (2, 1, "Occupied")
    charger.call("NotifyEvent", events(availability("Faulted", "ChargingStation")))
    assert ChargePointStatus.objects.get().status == "Faulted"


@pytest.mark.parametrize(
    "told",
    [
        availability("Nonsense", evse={"id": 1, "connectorId": 1}),
        availability("Available", evse={"id": 1}),
        availability("Available", "EVSE", evse={"id": 1}),
        availability("Available", evse={"id": 10**15, "connectorId": 10**15}),
    ],
)
def test_what_names_no_connector_or_no_state_is_only_an_event(modern, told):
    modern.call("NotifyEvent", events(told))
    assert DeviceEvent.objects.count() == 1
    assert not Connector.objects.exists()


def test_events_of_unknown_monitors_and_transactions_are_kept(modern):
    modern.call("NotifyEvent", events(event(1, "", variableMonitoringId=99, transactionId="nobody")))
    assert DeviceEvent.objects.get().transaction_id == "nobody"


def test_old_events_go(modern):
    modern.call("NotifyEvent", events(event(1)))
    later = modern.after(days=8).now
    assert device_events_drop_old(now=later, keep_days=0) == 0
    assert device_events_drop_old(now=later, keep_days=9) == 0
    assert device_events_drop_old(now=later, keep_days=7) == 1
