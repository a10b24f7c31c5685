"""The simulated configuration: what may be set, what is told of it (1.6 §5.3, §9; 2.x B05-B07)."""

from typing import Any

import pytest

from central.ocpp.schemas import validate_request
from central.ocpp.simulator.configuration import Configuration
from central.ocpp.simulator.options import Options
from tests.central.simulator.test_station import station_at
from tests.support.central import scripted_central


def configuration(version):
    return Configuration(Options("CP-1", "ws://x", version=version, connectors=2))


@pytest.mark.parametrize(
    ("name", "value", "taken"),
    [
        ("HeartbeatInterval", "60", True),
        ("HeartbeatInterval", "soon", False),
        ("ResetRetries", "11", False),
        ("LocalPreAuthorize", "true", True),
        ("LocalPreAuthorize", "yes", False),
        ("TxUpdatedMeasurands", "SoC, Power.Active.Import", True),
        ("TxUpdatedMeasurands", "Mood", False),
        ("Model", "Other", False),
        ("Nonsense", "1", False),
    ],
)
def test_values_are_checked(name, value, taken):
    assert configuration("2.1").set(name, value) is taken


def test_names_are_found_without_regard_to_case():
    assert configuration("1.6").find("", "heartbeatinterval").value == "300"
    limit = configuration("2.1").find("DeviceDataCtrlr", "ItemsPerMessage", "GetReport")
    assert (limit.value, limit.writable) == ("50", False)


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
async def test_variables_are_told_apart_and_reported_in_parts(version):
    asked = [("OCPPCommCtrlr", "Nonsense"), ("Nonsense", "x"), ("OCPPCommCtrlr", "ResetRetries")]
    data: list[dict[str, Any]] = [
        {"component": {"name": owner}, "variable": {"name": name}} for owner, name in asked
    ]
    data.append(data[2] | {"attributeType": "Target"})
    async with scripted_central(version) as central, station_at(central, version, sessions=0):
        await central.until(lambda: "StatusNotification" in central.actions())
        answer = await central.order("GetVariables", {"getVariableData": data})
        assert [each["attributeStatus"] for each in answer["getVariableResult"]] == [
            "UnknownVariable",
            "UnknownComponent",
            "Accepted",
            "NotSupportedAttributeType",
        ]
        await central.order("GetBaseReport", {"requestId": 3, "reportBase": "FullInventory"})
        await central.until(lambda: central.actions().count("NotifyReport") == 2)
    parts = central.payloads("NotifyReport")
    for part in parts:
        validate_request(version, "NotifyReport", part)
    assert [(part["seqNo"], part["tbc"]) for part in parts] == [(0, True), (1, False)]
    assert {part["requestId"] for part in parts} == {3}
