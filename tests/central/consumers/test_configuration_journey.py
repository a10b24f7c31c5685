"""The device model over the wire: ordered, told in parts, changed, streamed, kept in step after a start."""

import uuid

import pytest
from django.test import Client

from central.models import ConfigurationProfile, DeviceReport, EventStream, Variable
from emobility.lib import bell
from emobility.lib.clock import utc_now
from tests.support.device_model import at, entry, event, events, report
from tests.support.wait import eventually
from tests.support.world import staff

pytestmark = pytest.mark.integration
INTERVAL = at("SampledDataCtrlr", "TxUpdatedInterval")


@pytest.fixture
def operator(enrolled):
    client = Client()
    client.force_login(staff(enrolled.row.organization, "operator"))
    return client


def ordered(operator, order, **params):
    body = {"order": order, "charge_point": "CP-1", "params": params}
    answer = operator.post("/api/commands/", body, content_type="application/json")
    assert answer.status_code == 202, answer.content


def listed(operator, path, **query):
    return operator.get(f"/api/{path}/", {"charge_point": "CP-1"} | query).json()["results"]


def value(name):
    row = Variable.objects.filter(variable=name).first()
    return row.value if row else None


def taken(request):
    places = [{key: each[key] for key in ("component", "variable")} for each in request["setVariableData"]]
    return {"setVariableResult": [place | {"attributeStatus": "Accepted"} for place in places]}


def test_from_the_order_to_the_report_and_the_changed_value(enrolled, operator):
    handlers = {"GetBaseReport": {"status": "Accepted"}, "SetVariables": taken}
    with enrolled.plug_in("2.1", handlers=handlers) as charger:
        charger.boot()
        ordered(operator, "configuration_get")
        eventually(lambda: DeviceReport.objects.filter(state="announced").exists())
        number = dict(charger.calls)["GetBaseReport"]["requestId"]
        interval = entry("SampledDataCtrlr", "TxUpdatedInterval", "60")
        charger.call("NotifyReport", report(number, 1, interval))
        (row,) = listed(operator, "device-reports")
        assert (row["state"], row["missing"]) == ("collecting", [0])
        charger.call("NotifyReport", report(number, 0, entry("A", "B", "1"), more=True))
        (row,) = listed(operator, "device-reports")
        assert (row["state"], row["missing"], row["items"]) == ("complete", [], 2)
        page = operator.get(f"/admin/central/devicereport/{row['id']}/change/").content.decode()
        assert "2 / 2" in page
        ordered(operator, "configuration_set", variables=[{"name": "MeterValueSampleInterval", "value": 30}])
        eventually(lambda: value("TxUpdatedInterval") == "30")
        (row,) = listed(operator, "variables", component="SampledDataCtrlr")
        assert (row["value"], row["source"], row["variable"]) == ("30", "set", "TxUpdatedInterval")
        page = operator.get(f"/admin/central/variable/{row['id']}/change/").content.decode()
        assert "SampledDataCtrlr.TxUpdatedInterval" in page


def test_streams_and_events_are_kept_and_a_send_is_never_answered(enrolled, operator):
    with enrolled.plug_in("2.1") as charger:
        charger.boot()
        data = {"id": 4, "variableMonitoringId": 7, "params": {"interval": 60}}
        opened = charger.call("OpenPeriodicEventStream", {"constantStreamData": data})
        assert opened == {"status": "Accepted"}
        body = {"id": 4, "pending": 0, "basetime": utc_now().isoformat(), "data": [{"t": 0, "v": "16.1"}]}
        charger.send_raw([6, uuid.uuid4().hex, "NotifyPeriodicEventStream", body])
        assert charger.call("NotifyEvent", events(event(1, "81", severity=2))) == {}
        assert EventStream.objects.get().received == 1
        with pytest.raises(TimeoutError):
            charger.recv_raw(within=0.05)
    assert listed(operator, "event-stream-values")[0]["value"] == "16.1"
    assert listed(operator, "device-events", severity=2)[0]["actual_value"] == "81"


def test_a_profile_is_kept_after_a_start_where_that_is_switched_on(enrolled):
    told = {"configurationKey": [{"key": "HeartbeatInterval", "readonly": False, "value": "60"}]}
    handlers = {"GetConfiguration": told, "ChangeConfiguration": {"status": "RebootRequired"}}
    profile = ConfigurationProfile.objects.create(
        organization=enrolled.row.organization,
        name="P",
        values=[{"name": "HeartbeatInterval", "value": "300"}],
    )
    with enrolled.plug_in("1.6", handlers=handlers) as charger:
        charger.boot()
        assert bell.drain()
        charger.heartbeat()
        assert charger.calls == [], "the default after a start is silence"
        ConfigurationProfile.objects.filter(pk=profile.pk).update(apply_after_boot=True)
        charger.boot()
        assert bell.drain()
        eventually(lambda: value("HeartbeatInterval") == "60")
        eventually(lambda: bell.drain() and value("HeartbeatInterval") == "300")
        assert dict(charger.calls)["ChangeConfiguration"] == {"key": "HeartbeatInterval", "value": "300"}
        assert Variable.objects.get().reboot_since is not None
        charger.boot()
        eventually(lambda: bell.drain() and Variable.objects.get().reboot_since is None)
