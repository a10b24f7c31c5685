"""A simulated charge point against a scripted Central: sessions, orders, lost connections."""

import asyncio
from base64 import b64encode
from contextlib import asynccontextmanager

import pytest

from central.ocpp.simulator.options import VERSIONS, Options
from central.ocpp.simulator.station import Station
from tests.support.central import scripted_central
from tests.support.messages import REMOTE_START, REMOTE_STOP

QUICK = {
    "session_seconds": 0.05,
    "meter_interval": 0.02,
    "first_pause": 0.0,
    "pause_seconds": 0.0,
    "retry_minimum": 0.01,
    "retry_random": 0.01,
    "retry_doublings": 1,
    "attempt_interval": 0.01,
    "power_kw": 350.0,
}


@asynccontextmanager
async def station_at(central, version, **options):
    """A station that runs beside the test."""
    station = Station(Options("CP 1", central.url, version, **QUICK | options), lambda: "secret")
    stop = asyncio.Event()
    running = asyncio.create_task(station.run(stop))
    try:
        yield station, running
    finally:
        stop.set()
        await running


def transaction_frames(central, version):
    if version == "1.6":
        return [item for item in central.frames if item[0] in {"StartTransaction", "StopTransaction"}]
    return [
        item
        for item in central.frames
        if item[0] == "TransactionEvent" and item[1]["eventType"] in {"Started", "Ended"}
    ]


@pytest.mark.parametrize("version", VERSIONS)
async def test_one_session_from_boot_to_stop(version):
    async with scripted_central(version) as central, station_at(central, version, sessions=1) as (_, running):
        await asyncio.wait_for(running, 10)
    assert central.authorization == ["Basic " + b64encode(b"CP 1:secret").decode()]
    assert central.actions()[0] == "BootNotification"
    assert "Authorize" in central.actions()
    assert len(transaction_frames(central, version)) == 2
    states = [
        item.get("status") or item["connectorStatus"] for item in central.payloads("StatusNotification")
    ]
    assert states[-1] == "Available"
    assert {"Charging", "Occupied"} & set(states)


@pytest.mark.parametrize("version", VERSIONS)
async def test_what_was_not_acknowledged_is_said_again_with_a_new_message_id(version):
    """1.6 §3.7 and 2.0.1 E04: transaction messages are kept until they are acknowledged."""
    async with scripted_central(version) as central:
        central.drop = (
            ["StartTransaction", "StopTransaction"] if version == "1.6" else ["TransactionEvent"] * 2
        )
        async with station_at(central, version, sessions=1) as (_, running):
            await asyncio.wait_for(running, 10)
    assert central.connections == 3
    frames = [item for item in central.frames if item[0] in {"StartTransaction", "TransactionEvent"}]
    assert frames[0] == frames[1]
    assert len(set(central.message_ids)) == len(central.message_ids)


async def test_a_refused_transaction_message_is_tried_again():
    async with scripted_central("1.6") as central:
        central.answers["StopTransaction"] = ["InternalError", {"idTagInfo": {"status": "Accepted"}}]
        async with station_at(central, "1.6", sessions=1) as (_, running):
            await asyncio.wait_for(running, 10)
    stops = central.payloads("StopTransaction")
    assert len(stops) == 2
    assert stops[0] == stops[1]


async def test_a_driver_that_is_blocked_does_not_charge():
    async with scripted_central("1.6") as central:
        central.answers["Authorize"] = {"idTagInfo": {"status": "Blocked"}}
        async with station_at(central, "1.6", sessions=1) as (_, running):
            await asyncio.wait_for(running, 10)
    assert "StartTransaction" not in central.actions()


async def test_a_start_that_is_refused_ends_at_once_as_deauthorized():
    """1.6 §4.8: StopTransactionOnInvalidId."""
    async with scripted_central("1.6") as central:
        central.answers["StartTransaction"] = {"transactionId": 9, "idTagInfo": {"status": "Invalid"}}
        async with station_at(central, "1.6", sessions=1, session_seconds=60) as (_, running):
            await asyncio.wait_for(running, 10)
    assert central.payloads("StopTransaction")[0]["reason"] == "DeAuthorized"


@pytest.mark.parametrize("version", VERSIONS)
async def test_remote_start_and_stop(version):
    """1.6 §5.11, §5.12; 2.0.1 F01, F03."""
    start, stop = (table.get(version, table["2.0.1"]) for table in (REMOTE_START, REMOTE_STOP))
    request = (
        {"idTag": "TAG-9"}
        if version == "1.6"
        else {"idToken": {"idToken": "TAG-9", "type": "Central"}, "remoteStartId": 5}
    )
    async with (
        scripted_central(version) as central,
        station_at(central, version, sessions=0, session_seconds=60) as (station, _),
    ):
        await central.until(lambda: "StatusNotification" in central.actions())
        assert (await central.order(start, request))["status"] == "Accepted"
        assert (await central.order(start, request))["status"] == "Rejected"
        await central.until(lambda: transaction_frames(central, version))
        await asyncio.wait_for(station.outbox.drained(), 10)
        wire_id = station.connectors[0].transaction.wire_id
        assert (await central.order(stop, {"transactionId": wire_id}))["status"] == "Accepted"
        await central.until(lambda: len(transaction_frames(central, version)) == 2)
        unknown = 99999 if version == "1.6" else "nobody"
        assert (await central.order(stop, {"transactionId": unknown}))["status"] == "Rejected"


@pytest.mark.parametrize(("version", "kind"), [("1.6", "Hard"), ("1.6", "Soft"), ("2.0.1", "Immediate")])
async def test_a_reset_ends_the_session_and_boots_again(version, kind):
    async with (
        scripted_central(version) as central,
        station_at(central, version, session_seconds=60) as (_, _running),
    ):
        await central.until(lambda: transaction_frames(central, version))
        assert await central.order("Reset", {"type": kind}) == {"status": "Accepted"}
        await central.until(lambda: central.actions().count("BootNotification") == 2)
        await central.until(lambda: len(transaction_frames(central, version)) >= 2)
    assert central.connections == 2


async def test_16_settings_are_read_and_changed():
    """1.6 §5.8, §5.3."""
    async with scripted_central("1.6") as central, station_at(central, "1.6", sessions=0):
        await central.until(lambda: "StatusNotification" in central.actions())
        answer = await central.order("GetConfiguration", {"key": ["HeartbeatInterval", "Nonsense"]})
        assert answer["configurationKey"] == [{"key": "HeartbeatInterval", "readonly": False, "value": "300"}]
        assert answer["unknownKey"] == ["Nonsense"]
        for key, value, status in [
            ("HeartbeatInterval", "60", "Accepted"),
            ("HeartbeatInterval", "soon", "Rejected"),
            ("NumberOfConnectors", "3", "Rejected"),
            ("Nonsense", "1", "NotSupported"),
        ]:
            change = await central.order("ChangeConfiguration", {"key": key, "value": value})
            assert change == {"status": status}


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
async def test_2x_variables_are_read_changed_and_reported(version):
    """B05, B06, B07."""
    component = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}}
    async with scripted_central(version) as central, station_at(central, version, sessions=0):
        await central.until(lambda: "StatusNotification" in central.actions())
        changed = await central.order(
            "SetVariables", {"setVariableData": [component | {"attributeValue": "9"}]}
        )
        assert changed["setVariableResult"][0]["attributeStatus"] == "Accepted"
        read = await central.order("GetVariables", {"getVariableData": [component]})
        assert read["getVariableResult"][0]["attributeValue"] == "9"
        await central.order("GetBaseReport", {"requestId": 3, "reportBase": "FullInventory"})
        await central.until(lambda: "NotifyReport" in central.actions())


async def test_triggered_messages_availability_and_unlock():
    """1.6 §5.17, §5.2, §5.18."""
    async with scripted_central("1.6") as central, station_at(central, "1.6", sessions=0):
        await central.until(lambda: "StatusNotification" in central.actions())
        assert (await central.order("TriggerMessage", {"requestedMessage": "Heartbeat"}))[
            "status"
        ] == "Accepted"
        await central.until(lambda: "Heartbeat" in central.actions())
        answer = await central.order("ChangeAvailability", {"connectorId": 1, "type": "Inoperative"})
        assert answer == {"status": "Accepted"}
        await central.until(lambda: central.payloads("StatusNotification")[-1]["status"] == "Unavailable")
        assert (await central.order("RemoteStartTransaction", {"idTag": "T"})) == {"status": "Rejected"}
        assert (await central.order("UnlockConnector", {"connectorId": 1})) == {"status": "Unlocked"}


@pytest.mark.parametrize("version", VERSIONS)
async def test_meter_values_and_transactions_are_told_when_asked_for(version):
    """1.6 §5.17, security extension §5.5; F06.FR.06, F06.FR.07."""
    ask = "ExtendedTriggerMessage" if version == "1.6" else "TriggerMessage"
    async with (
        scripted_central(version) as central,
        station_at(central, version, session_seconds=60, meter_interval=60),
    ):
        await central.until(lambda: transaction_frames(central, version))
        before = len(central.payloads("MeterValues"))
        assert await central.order(ask, {"requestedMessage": "MeterValues"}) == {"status": "Accepted"}
        await central.until(lambda: len(central.payloads("MeterValues")) > before)
        answer = await central.order(ask, {"requestedMessage": "LogStatusNotification"})
        assert answer == {"status": "NotImplemented"}
        if version != "1.6":
            await central.order(ask, {"requestedMessage": "TransactionEvent"})
            await central.until(
                lambda: central.payloads("TransactionEvent")[-1]["triggerReason"] == "Trigger"
            )


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
async def test_a_session_delays_a_gentle_reset_and_keeps_its_cable(version):
    """B12.FR.01, B12.FR.03, F05.FR.02; no EVSE alone (B11.FR.09)."""
    async with (
        scripted_central(version) as central,
        station_at(central, version, sessions=0, session_seconds=60) as (station, _),
    ):
        await central.until(lambda: "StatusNotification" in central.actions())
        token = {"idToken": {"idToken": "T", "type": "Central"}, "remoteStartId": 5}
        await central.order("RequestStartTransaction", token)
        await central.until(lambda: transaction_frames(central, version))
        unlock = await central.order("UnlockConnector", {"evseId": 1, "connectorId": 1})
        assert unlock == {"status": "OngoingAuthorizedTransaction"}
        assert await central.order("Reset", {"type": "OnIdle", "evseId": 1}) == {"status": "Rejected"}
        assert await central.order("Reset", {"type": "OnIdle"}) == {"status": "Scheduled"}
        assert central.actions().count("BootNotification") == 1
        station.connectors[0].stop("Local")
        await central.until(lambda: central.actions().count("BootNotification") == 2)


async def test_a_fault_stops_the_session_and_shows():
    async with (
        scripted_central("1.6") as central,
        station_at(central, "1.6", session_seconds=60) as (station, _),
    ):
        await central.until(lambda: "StartTransaction" in central.actions())
        await station.set_fault(True)
        await central.until(lambda: central.payloads("StatusNotification")[-1]["status"] == "Faulted")
        assert station.status()["status"] == "FAULT"
        await central.until(lambda: "StopTransaction" in central.actions())


async def test_a_stop_from_outside_ends_the_session_in_order():
    async with scripted_central("1.6") as central:
        async with station_at(central, "1.6", session_seconds=60) as (_, _running):
            await central.until(lambda: "StartTransaction" in central.actions())
        assert central.payloads("StopTransaction")[0]["reason"] == "PowerLoss"


async def test_the_last_session_is_over_before_a_station_ends_though_it_was_ordered():
    """Its driver is refused, so that the only session is the one that Central ordered."""
    async with scripted_central("1.6") as central:
        central.answers["Authorize"] = {"idTagInfo": {"status": "Blocked"}}
        async with station_at(central, "1.6", session_seconds=60, pause_seconds=0.01) as (station, running):
            await central.until(lambda: "Authorize" in central.actions())
            order = REMOTE_START["1.6"], {"idTag": "TAG-9"}
            while await central.order(*order) != {"status": "Accepted"}:
                await central.until(lambda: station.connectors[0].is_free)
            station.finish()
            await central.until(lambda: "StartTransaction" in central.actions())
            assert await central.order(*order) == {"status": "Rejected"}
            await asyncio.wait_for(station.outbox.drained(), 10)
            assert not running.done()
            station.connectors[0].stop("Local")
            await asyncio.wait_for(running, 10)
        assert len(central.payloads("StopTransaction")) == 1
