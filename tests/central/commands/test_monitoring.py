"""Reports and monitors by order (2.x B07, B08, N02-N06, N11-N14)."""

import pytest

from central.models import Command, DeviceReport, EventStream, Variable, VariableMonitor
from central.services.device_places import Place
from emobility.lib.errors import Invalid
from tests.support.device_model import AT, at, entry, report, variable
from tests.support.handlers import NOW, Bench
from tests.support.orders import built, placed
from tests.support.power import answered, meant

TWO = ["2.0.1", "2.1"]
HOT = at("EVSE", "Temperature", evse={"id": 1})


def monitor(charge_point, number, **fields):
    values = {"monitor_type": "Delta", "value": 1, "severity": 5, "told_at": NOW} | fields
    return VariableMonitor.objects.create(charge_point=charge_point, number=number, **values)


def limited(charge_point, instance, value):
    place = Place("ItemsPerMessage", "MonitoringCtrlr", instance=instance)
    Variable.objects.create(charge_point=charge_point, value=value, **place.columns)


def gone():
    return set(VariableMonitor.objects.exclude(gone_at=None).values_list("number", flat=True))


@pytest.mark.parametrize("version", TWO)
def test_a_base_report_is_announced_and_completed(charge_point, version):
    command = placed(charge_point, "report_get", base="ConfigurationInventory")
    action, request = built(version, command)
    assert request == {"requestId": command.pk, "reportBase": "ConfigurationInventory"}
    assert meant(version, command, action, request, {"status": "Accepted"})
    Bench(charge_point, version).call("NotifyReport", report(command.pk, 0, entry("A", "B", "1")))
    row = DeviceReport.objects.get()
    assert (row.state, row.command, row.base) == ("complete", command, "ConfigurationInventory")


def test_a_report_may_come_before_the_answer_to_its_request(charge_point):
    command = placed(charge_point, "report_get", base="FullInventory")
    Bench(charge_point, "2.1").call("NotifyReport", report(command.pk, 0, entry("A", "B", "1")))
    assert answered("2.1", command, {"status": "Accepted"})
    row = DeviceReport.objects.get()
    assert (row.state, row.command, row.items) == ("complete", command, 1)


@pytest.mark.parametrize("version", TWO)
def test_a_selection_names_components_and_variables(charge_point, version):
    command = placed(
        charge_point,
        "report_get",
        criteria=["Problem", "Active"],
        variables=["Connector", "1:EVSE", "EVSE[x].Power", {"component": "Foo"}],
    )
    action, request = built(version, command)
    assert (action, request["componentCriteria"]) == ("GetReport", ["Problem", "Active"])
    assert request["componentVariable"] == [
        at("Connector"),
        at("EVSE", evse={"id": 1}),
        at("EVSE", "Power", owner="x"),
        at("Foo"),
    ]


@pytest.mark.parametrize(
    ("word", "accepted", "state"),
    [("EmptyResultSet", True, "empty"), ("NotSupported", False, "refused"), ("Rejected", False, "refused")],
)
def test_a_report_that_does_not_come_says_why(charge_point, word, accepted, state):
    command = placed(charge_point, "report_get", criteria=["Problem"])
    assert answered("2.0.1", command, {"status": word}) is accepted
    row = DeviceReport.objects.get()
    assert (row.state, row.word, row.finished_at) == (state, word, NOW)


@pytest.mark.parametrize("params", [{}, {"base": "FullInventory", "criteria": ["Problem"]}, {"base": "All"}])
def test_a_report_is_one_or_the_other(charge_point, params):
    with pytest.raises(Invalid):
        placed(charge_point, "report_get", **params)


def test_1_6_has_none_of_this(charge_point):
    command = placed(charge_point, "report_get", base="FullInventory")
    with pytest.raises(KeyError):
        built("1.6", command)


@pytest.mark.parametrize("version", TWO)
def test_monitors_are_set_and_kept_by_the_number_they_got(charge_point, version):
    command = placed(
        charge_point,
        "monitoring_set",
        variables=["1:EVSE.Temperature", "Foo.Bar"],
        type="UpperThreshold",
        value=70.5,
        severity=3,
        transaction=True,
    )
    action, request = built(version, command)
    common = {"type": "UpperThreshold", "value": 70.5, "severity": 3, "transaction": True}
    assert request == {"setMonitoringData": [HOT | common, at("Foo", "Bar") | common]}
    told = {"type": "UpperThreshold", "severity": 3}
    results = [
        at("Foo", "Bar") | told | {"status": "UnknownComponent"},
        HOT | told | {"status": "Accepted", "id": 12},
    ]
    assert not meant(version, command, action, request, {"setMonitoringResult": results})
    row = VariableMonitor.objects.get()
    assert (row.number, row.words, row.value, row.severity) == (12, "1:EVSE.Temperature", 70.5, 3)
    assert (row.event_notification_type, row.transaction) == ("CustomMonitor", True)
    assert variable("Bar").word == "UnknownComponent"


def test_a_monitor_is_replaced_by_its_number(charge_point):
    monitor(charge_point, 0, **Place("Temperature", "EVSE", evse=1).columns, gone_at=NOW)
    params = {"variables": ["1:EVSE.Temperature"], "type": "Delta", "value": 2, "severity": 5}
    command = placed(charge_point, "monitoring_set", monitor_id=0, **params)
    action, request = built("2.1", command)
    assert request["setMonitoringData"][0]["id"] == 0
    result = HOT | {"type": "Delta", "severity": 5, "status": "Accepted"}
    assert meant("2.1", command, action, request, {"setMonitoringResult": [result]})
    row = VariableMonitor.objects.get()
    assert (row.value, row.gone_at) == (2, None)


def test_streams_are_for_2_1(charge_point):
    params = {"variables": ["1:EVSE.Temperature"], "type": "Periodic", "value": 1, "severity": 9}
    command = placed(charge_point, "monitoring_set", stream_interval=60, stream_values=30, **params)
    with pytest.raises(ValueError, match=r"2\.0\.1"):
        built("2.0.1", command)
    action, request = built("2.1", command)
    assert request["setMonitoringData"][0]["periodicEventStream"] == {"interval": 60, "values": 30}
    result = HOT | {"type": "Periodic", "severity": 9, "status": "Accepted", "id": 1}
    assert meant("2.1", command, action, request, {"setMonitoringResult": [result]})
    row = VariableMonitor.objects.get()
    assert (row.stream_interval, row.stream_values) == (60, 30)


@pytest.mark.parametrize("version", TWO)
def test_monitors_are_cleared(charge_point, version):
    for number in (1, 2, 3):
        monitor(charge_point, number)
    command = placed(charge_point, "monitoring_clear", monitors="1\n2\n3")
    results = [
        {"id": 1, "status": "Accepted"},
        {"id": 2, "status": "NotFound"},
        {"id": 3, "status": "Rejected"},
    ]
    assert built(version, command) == ("ClearVariableMonitoring", {"id": [1, 2, 3]})
    assert not answered(version, command, {"clearMonitoringResult": results})
    assert gone() == {1, 2}


def test_long_lists_of_monitors_are_cut(charge_point):
    limited(charge_point, "SetVariableMonitoring", "1")
    limited(charge_point, "ClearVariableMonitoring", "2")
    placed(charge_point, "monitoring_clear", monitors=[1, 2, 3])
    params = {"type": "Delta", "value": 1, "severity": 9}
    placed(charge_point, "monitoring_set", variables=["A.B", "A.C"], **params)
    assert Command.objects.count() == 4


@pytest.mark.parametrize(
    ("base", "left"),
    [("All", {1, 2, 3, 4}), ("FactoryDefault", {2, 3, 4}), ("HardWiredOnly", {3, 4})],
)
def test_a_base_takes_monitors_away(charge_point, base, left):
    """N03.FR.03-05; of a monitor whose origin 2.0.1 does not tell nothing is known."""
    for number, kind in enumerate(("CustomMonitor", "PreconfiguredMonitor", "HardWiredMonitor", ""), 1):
        monitor(charge_point, number, event_notification_type=kind)
    command = placed(charge_point, "monitoring_base", base=base)
    assert not answered("2.1", command, {"status": "NotSupported"})
    assert gone() == set()
    assert answered("2.1", command, {"status": "Accepted"})
    assert {1, 2, 3, 4} - gone() == left
    assert variable("ActiveMonitoringBase").value == base


@pytest.mark.parametrize("version", TWO)
def test_the_level_is_kept(charge_point, version):
    command = placed(charge_point, "monitoring_level", severity=4)
    assert built(version, command) == ("SetMonitoringLevel", {"severity": 4})
    assert not answered(version, command, {"status": "Rejected"})
    assert answered(version, command, {"status": "Accepted"})
    assert variable("ActiveMonitoringLevel").value == "4"


def told(number):
    data = {"id": number, "transaction": False, "value": 1, "type": "Delta", "severity": 4}
    return HOT | {"variableMonitoring": [data | {"eventNotificationType": "CustomMonitor"}]}


def test_a_whole_report_of_monitors_tells_which_are_gone(charge_point):
    """N04.FR.19: ids may change at a restart."""
    monitor(charge_point, 1)
    monitor(charge_point, 2)
    charger = Bench(charge_point, "2.1").after(minutes=1)
    command = placed(charge_point, "monitoring_report")
    action, request = built("2.1", command)
    assert request == {"requestId": command.pk}
    meant("2.1", command, action, request, {"status": "Accepted"}, charger.now)
    body = {"requestId": command.pk, "generatedAt": AT}
    charger.call("NotifyMonitoringReport", body | {"seqNo": 0, "tbc": True, "monitor": [told(2)]})
    assert gone() == set()
    charger.call("NotifyMonitoringReport", body | {"seqNo": 1, "tbc": False, "monitor": [told(7)]})
    assert gone() == {1}
    assert DeviceReport.objects.get().state == "complete"


def test_a_selective_report_of_monitors_tells_of_no_others(charge_point):
    monitor(charge_point, 1)
    charger = Bench(charge_point, "2.1").after(minutes=1)
    command = placed(charge_point, "monitoring_report", criteria=["DeltaMonitoring"], variables=["1:EVSE"])
    action, request = built("2.1", command)
    assert request["componentVariable"] == [at("EVSE", evse={"id": 1})]
    meant("2.1", command, action, request, {"status": "Accepted"}, charger.now)
    body = {"requestId": command.pk, "generatedAt": AT, "seqNo": 0}
    charger.call("NotifyMonitoringReport", body | {"monitor": [told(2)]})
    assert gone() == set()


def test_no_monitors_at_all_means_that_all_are_gone(charge_point):
    monitor(charge_point, 1)
    command = placed(charge_point, "monitoring_report")
    action, request = built("2.1", command)
    later = Bench(charge_point, "2.1").after(minutes=1).now
    assert meant("2.1", command, action, request, {"status": "EmptyResultSet"}, later)
    assert gone() == {1}


def stream(charge_point, number, **fields):
    return EventStream.objects.create(
        charge_point=charge_point, number=number, opened_at=NOW, interval=60, values_each=10, **fields
    )


def test_a_stream_is_adjusted(charge_point):
    stream(charge_point, 4)
    command = placed(charge_point, "event_stream_adjust", stream=4, interval=0)
    assert built("2.1", command) == ("AdjustPeriodicEventStream", {"id": 4, "params": {"interval": 0}})
    assert not answered("2.1", command, {"status": "Rejected"})
    assert EventStream.objects.get().interval == 60
    assert answered("2.1", command, {"status": "Accepted"})
    row = EventStream.objects.get()
    assert (row.interval, row.values_each) == (0, 10)
    with pytest.raises(Invalid):
        placed(charge_point, "event_stream_adjust", stream=4)


def test_the_list_of_streams_closes_others(charge_point):
    stream(charge_point, 4)
    stream(charge_point, 5)
    command = placed(charge_point, "event_stream_get")
    assert built("2.1", command) == ("GetPeriodicEventStream", {})
    data = {"id": 5, "variableMonitoringId": 9, "params": {"values": 3}}
    assert answered("2.1", command, {"constantStreamData": [data]})
    assert EventStream.objects.get(number=4).closed_at == NOW
    assert EventStream.objects.get(number=5).monitor_number == 9
    assert answered("2.1", command, {})
    assert not EventStream.objects.filter(closed_at=None).exists()
