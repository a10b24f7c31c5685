"""NotifyMonitoringReport: monitors by their number (2.x N02)."""

import pytest

from central.models import DeviceReport, VariableMonitor
from tests.support.device_model import AT, at
from tests.support.handlers import NOW, Bench


def told(number, kind="UpperThreshold", value=70.5, version="2.0.1", **changes):
    monitor = {"id": number, "transaction": False, "value": value, "type": kind, "severity": 4}
    if version == "2.1":
        monitor["eventNotificationType"] = "CustomMonitor"
    return monitor | changes


def monitoring_report(number, seq_no, *monitors, more=False, variable="Temperature"):
    body = {"requestId": number, "seqNo": seq_no, "generatedAt": AT, "tbc": more}
    entry = at("EVSE", variable, evse={"id": 1}) | {"variableMonitoring": list(monitors)}
    return body | ({"monitor": [entry]} if monitors else {})


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
def test_monitors_are_kept_once_by_their_number(charge_point, version):
    charger = Bench(charge_point, version)
    part = monitoring_report(3, 0, told(1, version=version), told(2, "Delta", 1, version=version))
    assert charger.call("NotifyMonitoringReport", part) == {}
    charger.call("NotifyMonitoringReport", part)
    first, second = VariableMonitor.objects.order_by("number")
    assert (first.words, first.value, first.monitor_type) == ("1:EVSE.Temperature", 70.5, "UpperThreshold")
    assert first.event_notification_type == ("CustomMonitor" if version == "2.1" else "")
    assert second.severity == 4
    report = DeviceReport.objects.get()
    assert (report.kind, report.state, report.items) == ("monitors", "complete", 2)


def test_a_number_given_to_another_monitor_tells_nothing_of_the_one_before(charge_point):
    """N04.FR.19: ids may change at a restart."""
    charger = Bench(charge_point, "2.1")
    before = told(1, version="2.1", eventNotificationType="HardWiredMonitor")
    charger.call("NotifyMonitoringReport", monitoring_report(3, 0, before))
    VariableMonitor.objects.update(stream_interval=60, gone_at=NOW)
    after = told(1, "Delta", 2, version="2.1")
    charger.call("NotifyMonitoringReport", monitoring_report(4, 0, after, variable="Power"))
    row = VariableMonitor.objects.get()
    assert (row.words, row.monitor_type, row.stream_interval, row.gone_at) == (
        "1:EVSE.Power",
        "Delta",
        None,
        None,
    )


def test_a_report_without_monitors_is_a_report(charge_point):
    Bench(charge_point, "2.0.1").call("NotifyMonitoringReport", monitoring_report(3, 0))
    assert DeviceReport.objects.get().state == "complete"
