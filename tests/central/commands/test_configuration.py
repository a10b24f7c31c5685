"""Reading and changing the configuration in all versions (1.6 §5.3, §5.8; 2.x B05-B07)."""

from datetime import timedelta

import pytest

from central.models import ChargePointStatus, Command, DeviceReport, Variable
from central.services.variables import reboots_settle
from registry.models import Event
from tests.support.device_model import at, variable
from tests.support.handlers import NOW
from tests.support.orders import built, placed
from tests.support.power import answered

TWO = ["2.0.1", "2.1"]
INTERVAL = at("SampledDataCtrlr", "TxUpdatedInterval")


def speaks(charge_point, version):
    ChargePointStatus.objects.create(charge_point=charge_point, ocpp_version=version)


def test_1_6_reads_named_keys_and_lists_unknown_ones(charge_point):
    command = placed(charge_point, "configuration_get", variables="HeartbeatInterval\n\nNonsense\n")
    assert built("1.6", command) == ("GetConfiguration", {"key": ["HeartbeatInterval", "Nonsense"]})
    answer = {
        "configurationKey": [{"key": "HeartbeatInterval", "readonly": False, "value": "300"}],
        "unknownKey": ["Nonsense"],
    }
    assert answered("1.6", command, answer)
    row = variable("HeartbeatInterval")
    assert (row.component, row.value, row.mutability, row.source) == ("", "300", "ReadWrite", "read")
    assert (variable("Nonsense").word, variable("Nonsense").value) == ("UnknownKey", "")


def test_1_6_reads_everything_and_keeps_no_secret(charge_point):
    command = placed(charge_point, "configuration_get")
    assert built("1.6", command) == ("GetConfiguration", {})
    keys = [
        {"key": "AuthorizationKey", "readonly": False, "value": "deadbeef"},
        {"key": "NumberOfConnectors", "readonly": True, "value": "2"},
        {"key": "Empty", "readonly": False},
    ]
    assert answered("1.6", command, {"configurationKey": keys})
    assert variable("AuthorizationKey").value == "***"
    assert variable("NumberOfConnectors").read_only
    assert variable("Empty").value == ""
    assert not Variable.objects.filter(attributes__icontains="deadbeef").exists()


def test_1_6_answers_nothing_known(charge_point):
    command = placed(charge_point, "configuration_get", variables=["Nonsense"])
    assert not answered("1.6", command, {"unknownKey": ["Nonsense"]})


@pytest.mark.parametrize("version", TWO)
def test_2_reads_named_variables(charge_point, version):
    names = ["SampledDataCtrlr.TxUpdatedInterval", "1/2:Connector[x].Available[y]#Target", "Foo.Bar"]
    command = placed(charge_point, "configuration_get", variables=names)
    action, request = built(version, command)
    plug = at("Connector", "Available", owner="x", instance="y", evse={"id": 1, "connectorId": 2})
    target = plug | {"attributeType": "Target"}
    assert (action, request["getVariableData"]) == ("GetVariables", [INTERVAL, target, at("Foo", "Bar")])
    results = [
        INTERVAL | {"attributeStatus": "Accepted", "attributeValue": "60", "attributeType": "Actual"},
        target | {"attributeStatus": "Accepted", "attributeValue": "true"},
        at("Foo", "Bar") | {"attributeStatus": "UnknownComponent"},
    ]
    assert answered(version, command, {"getVariableResult": results})
    assert variable("TxUpdatedInterval").value == "60"
    assert variable("Available").attributes["Target"]["value"] == "true"
    assert variable("Available").value == ""
    assert variable("Bar").word == "UnknownComponent"


@pytest.mark.parametrize("version", TWO)
def test_2_reads_everything_by_a_report(charge_point, version):
    command = placed(charge_point, "configuration_get")
    assert built(version, command) == (
        "GetBaseReport",
        {"requestId": command.pk, "reportBase": "FullInventory"},
    )
    assert answered(version, command, {"status": "Accepted"})
    report = DeviceReport.objects.get()
    assert (report.number, report.base, report.state, report.command) == (
        command.pk,
        "FullInventory",
        "announced",
        command,
    )


def test_what_cannot_be_read_is_no_fault_to_remember(charge_point):
    """B06.FR.09: a variable that is WriteOnly answers Rejected."""
    command = placed(charge_point, "configuration_get", variables=["SampledDataCtrlr.TxUpdatedInterval"])
    result = INTERVAL | {"attributeStatus": "Rejected"}
    assert not answered("2.1", command, {"getVariableResult": [result]})
    assert not Variable.objects.exists()


@pytest.mark.parametrize(
    ("status", "accepted", "value", "word", "waits"),
    [
        ("Accepted", True, "60", "", False),
        ("RebootRequired", True, "60", "", True),
        ("Rejected", False, "", "Rejected", False),
        ("NotSupported", False, "", "NotSupported", False),
    ],
)
def test_1_6_changes_one_key(charge_point, status, accepted, value, word, waits):
    command = placed(charge_point, "configuration_set", variables="MeterValueSampleInterval = 60")
    assert built("1.6", command) == (
        "ChangeConfiguration",
        {"key": "MeterValueSampleInterval", "value": "60"},
    )
    assert answered("1.6", command, {"status": status}) is accepted
    row = variable("MeterValueSampleInterval")
    assert (row.value, row.word, row.reboot_since is not None) == (value, word, waits)
    assert Event.objects.filter(kind="configuration.changed").exists() is accepted


def test_1_6_makes_a_command_of_each_key(charge_point):
    speaks(charge_point, "1.6")
    items = [{"name": "A", "value": 1}, {"name": "B", "value": True}, {"name": "C", "value": "x"}]
    first = placed(charge_point, "configuration_set", variables=items)
    commands = list(Command.objects.order_by("pk"))
    assert [built("1.6", each)[1] for each in commands] == [
        {"key": "A", "value": "1"},
        {"key": "B", "value": "true"},
        {"key": "C", "value": "x"},
    ]
    assert first == commands[0]


def test_1_6_refuses_a_list_that_nobody_could_cut(charge_point):
    command = placed(charge_point, "configuration_set", variables="A = 1\nB = 2")
    with pytest.raises(ValueError, match="one key at a time"):
        built("1.6", command)


@pytest.mark.parametrize("version", TWO)
def test_2_changes_several_and_tells_each(charge_point, version):
    items = [
        {"component": "SampledDataCtrlr", "variable": "TxUpdatedInterval", "value": 30},
        {"component": "EVSE", "variable": "Power", "evse": 1, "attribute": "MaxSet", "value": "7400"},
        {"name": "Foo.Bar", "value": "x"},
    ]
    command = placed(charge_point, "configuration_set", variables=items)
    power = at("EVSE", "Power", evse={"id": 1}) | {"attributeType": "MaxSet"}
    assert built(version, command)[1]["setVariableData"] == [
        INTERVAL | {"attributeValue": "30"},
        power | {"attributeValue": "7400"},
        at("Foo", "Bar") | {"attributeValue": "x"},
    ]
    results = [
        at("Foo", "Bar") | {"attributeStatus": "UnknownComponent"},
        INTERVAL | {"attributeType": "Actual", "attributeStatus": "RebootRequired"},
        power | {"attributeStatus": "Accepted"},
    ]
    assert not answered(version, command, {"setVariableResult": results})
    row = variable("TxUpdatedInterval")
    assert (row.value, row.reboot_since) == ("30", NOW)
    assert variable("Power").attributes["MaxSet"]["value"] == "7400"
    assert variable("Bar").word == "UnknownComponent"
    assert Event.objects.get(kind="configuration.changed").data["reboot_required"] is True


def test_a_success_ends_a_refusal_and_a_boot_the_waiting(charge_point):
    command = placed(charge_point, "configuration_set", variables="A = 1")
    answered("1.6", command, {"status": "Rejected"})
    answered("1.6", command, {"status": "RebootRequired"})
    row = variable("A")
    assert (row.word, row.reboot_since) == ("", NOW)
    ChargePointStatus.objects.create(charge_point=charge_point, booted_at=NOW - timedelta(seconds=1))
    assert reboots_settle(charge_point_ids={charge_point.pk}) == 0
    ChargePointStatus.objects.update(booted_at=NOW)
    assert reboots_settle(charge_point_ids={charge_point.pk}) == 1
    assert variable("A").reboot_since is None
