"""Lists of names and values: translated between versions, cut, refused; secrets kept apart (2.x B05, B06)."""

import pytest

from central.models import ChargePointStatus, Command, CommandSecret, Variable
from central.models.command import CommandState
from central.services.command_secrets import secrets_drop
from central.services.device_places import Place
from emobility.lib.errors import Invalid
from tests.support.device_model import at, variable
from tests.support.handlers import NOW, Bench
from tests.support.orders import built, placed
from tests.support.power import answered, meant

TWO = ["2.0.1", "2.1"]
INTERVAL = at("SampledDataCtrlr", "TxUpdatedInterval")


def speaks(charge_point, version):
    ChargePointStatus.objects.create(charge_point=charge_point, ocpp_version=version)


def limited(charge_point, instance, value, component="DeviceDataCtrlr"):
    place = Place("ItemsPerMessage", component, instance=instance)
    Variable.objects.create(charge_point=charge_point, value=value, **place.columns)


@pytest.mark.parametrize(
    ("name", "version", "sent"),
    [
        ("MeterValueSampleInterval", "2.1", INTERVAL),
        ("SampledDataCtrlr.TxUpdatedInterval", "1.6", "MeterValueSampleInterval"),
        ("sampleddatactrlr.txupdatedinterval", "1.6", "MeterValueSampleInterval"),
        ("Vendor.Key", "1.6", "Vendor.Key"),
    ],
)
def test_names_of_the_other_version_are_translated(charge_point, name, version, sent):
    command = placed(charge_point, "configuration_set", variables=[{"name": name, "value": "60"}])
    request = built(version, command)[1]
    if version == "1.6":
        assert request["key"] == sent
    else:
        assert request["setVariableData"] == [sent | {"attributeValue": "60"}]


def test_2_needs_a_component(charge_point):
    command = placed(charge_point, "configuration_get", variables="VendorKey")
    with pytest.raises(Invalid, match="component"):
        built("2.1", command)


def test_1_6_has_no_attributes(charge_point):
    command = placed(charge_point, "configuration_get", variables="SampledDataCtrlr.TxUpdatedInterval#Target")
    with pytest.raises(Invalid, match="no attributes"):
        built("1.6", command)


@pytest.mark.parametrize("version", TWO)
def test_lists_are_cut_to_what_the_charge_point_takes(charge_point, version):
    """B05.FR.11, B06.FR.05."""
    speaks(charge_point, version)
    limited(charge_point, "GetVariables", "2")
    limited(charge_point, "SetVariables", "3")
    placed(charge_point, "configuration_get", variables=[f"A.V{n}" for n in range(5)])
    placed(charge_point, "configuration_set", variables=[{"name": f"A.V{n}", "value": n} for n in range(4)])
    sizes = [len(each.params["variables"]) for each in Command.objects.order_by("pk")]
    assert sizes == [2, 2, 1, 3, 1]


def test_1_6_cuts_to_its_own_limit(charge_point):
    speaks(charge_point, "1.6")
    place = Place("GetConfigurationMaxKeys")
    Variable.objects.create(charge_point=charge_point, value="2", **place.columns)
    placed(charge_point, "configuration_get", variables=["A", "B", "C"])
    assert Command.objects.count() == 2


def test_a_limit_that_became_known_later_refuses(charge_point):
    command = placed(charge_point, "configuration_get", variables=["A.B", "A.C"])
    limited(charge_point, "GetVariables", "1")
    with pytest.raises(ValueError, match="at most 1"):
        built("2.1", command)


def test_all_parts_are_queued_or_none(charge_point, settings):
    settings.OCPP_COMMAND_QUEUE_LIMIT = 2
    speaks(charge_point, "1.6")
    with pytest.raises(Exception, match="wait"):
        placed(charge_point, "configuration_set", variables="A = 1\nB = 2\nC = 3")
    assert not Command.objects.exists()


@pytest.mark.parametrize("name", ["AuthorizationKey", "SecurityCtrlr.BasicAuthPassword", "authorizationkey"])
def test_passwords_have_an_order_of_their_own(charge_point, name):
    with pytest.raises(Invalid, match="rotates"):
        placed(charge_point, "configuration_set", variables=[{"name": name, "value": "x" * 20}])


def test_other_secrets_are_kept_apart_and_go(charge_point):
    hidden = placed(charge_point, "configuration_set", variables="Net.WifiPassword = hunter2\nA.B = 1")
    assert hidden.parts.get().params == {"variables": [{"name": "A.B", "value": "1"}]}
    assert "hunter2" not in str(hidden.params)
    action, request = built("2.1", hidden)
    assert request["setVariableData"][0]["attributeValue"] == "hunter2"
    result = at("Net", "WifiPassword") | {"attributeStatus": "Accepted"}
    assert meant("2.1", hidden, action, request, {"setVariableResult": [result]})
    assert variable("WifiPassword").value == "***"
    assert secrets_drop() == 0
    Command.objects.update(state=CommandState.ACCEPTED)
    assert secrets_drop(command_ids={hidden.pk}) == 1
    assert not CommandSecret.objects.exists()
    with pytest.raises(ValueError, match="order it anew"):
        built("2.1", hidden)


@pytest.mark.parametrize(
    "wrong",
    [
        "A",
        "[{]",
        [{"value": "x"}],
        [{"name": "A", "value": [1]}],
        [{"name": "A", "value": "1", "colour": "red"}],
        [{"component": "A", "variable": "B", "attribute": "Best", "value": "1"}],
        [{"component": "A" * 51, "variable": "B", "value": "1"}],
        [{"component": "A", "variable": "B", "evse": "x", "value": "1"}],
        [7],
        [],
        {"name": "A"},
    ],
)
def test_lists_that_make_no_sense_are_refused(charge_point, wrong):
    with pytest.raises(Invalid) as caught:
        placed(charge_point, "configuration_set", variables=wrong)
    assert "variables" in caught.value.fields


def test_a_value_wanted_twice_is_refused(charge_point):
    """B05.FR.13."""
    speaks(charge_point, "2.1")
    items = [
        {"name": "MeterValueSampleInterval", "value": 1},
        {"name": "SampledDataCtrlr.TxUpdatedInterval", "value": 2},
    ]
    with pytest.raises(Invalid, match="twice"):
        placed(charge_point, "configuration_set", variables=items)


def test_raw_requests_have_the_same_effect(charge_point):
    command = placed(charge_point, "raw", action="ChangeConfiguration", payload={"key": "A", "value": "1"})
    action, request = built("1.6", command)
    assert meant("1.6", command, action, request, {"status": "Accepted"})
    assert variable("A").value == "1"


def test_an_answer_that_names_something_else_changes_nothing(charge_point):
    command = placed(charge_point, "configuration_set", variables="A.B = 1")
    result = at("X", "Y") | {"attributeStatus": "Accepted"}
    assert not answered("2.1", command, {"setVariableResult": [result]})
    assert not Variable.objects.exists()


def test_a_report_after_a_change_keeps_what_cannot_be_read(charge_point):
    command = placed(charge_point, "configuration_set", variables="A.B = 1")
    result = at("A", "B") | {"attributeStatus": "Accepted"}
    answered("2.1", command, {"setVariableResult": [result]})
    entry = at("A", "B") | {"variableAttribute": [{"mutability": "WriteOnly"}]}
    body = {"requestId": 1, "generatedAt": NOW.isoformat(), "seqNo": 0, "reportData": [entry]}
    Bench(charge_point, "2.1").call("NotifyReport", body)
    row = variable("B")
    assert (row.value, row.mutability) == ("1", "WriteOnly")
