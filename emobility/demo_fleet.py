"""The demo's charge points: enrol through the Registry's REST, connect, charge, stop, again and again."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from central.monitor.credentials import Credentials, CredentialsUnreadable, credentials_load
from central.monitor.enrolment import Enrolment, Identity
from central.monitor.http import Denied, Unreachable, http_client
from central.monitor.registry_client import RegistryClient
from central.ocpp.simulator.options import Options
from central.ocpp.simulator.station import Station
from emobility.demo import DEMO_CHARGE_POINTS, SITE_NAME, DemoChargePoint

Announce = Callable[[str], None]

RETRY_SECONDS = 1.0
REGISTRY_SECONDS = 10.0
METER_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Fleet:
    """Where the demo runs: Registry, Central's OCPP address without an id, folder of the credentials."""

    registry_url: str
    central_url: str
    folder: Path
    ca_file: str = ""


async def run(fleet: Fleet, stop: asyncio.Event, announce: Announce) -> None:
    """Run the demo's charge points until `stop` is set; `announce` gets the few lines that people read."""
    await asyncio.gather(*(_run_one(fleet, item, stop, announce) for item in DEMO_CHARGE_POINTS))


async def _run_one(fleet: Fleet, item: DemoChargePoint, stop: asyncio.Event, announce: Announce) -> None:
    path = fleet.folder / f"{item.cp_id}.json"
    if await _enrolled(fleet, item, path, stop, announce) is None:
        return
    options = Options(
        cp_id=item.cp_id,
        central_url=fleet.central_url,
        version=item.version,
        power_kw=item.power_kw,
        id_tag=item.id_tag,
        session_seconds=item.session_seconds,
        meter_interval=METER_SECONDS,
        pause_seconds=item.pause_seconds,
        ca_file=fleet.ca_file,
        model="Demo",
    )
    station = Station(options, lambda: _secret(path))
    told = asyncio.create_task(_tell_connection(station, item, announce))
    await station.run(stop)
    told.cancel()


async def _enrolled(
    fleet: Fleet, item: DemoChargePoint, path: Path, stop: asyncio.Event, announce: Announce
) -> Credentials | None:
    """The charge point's credentials, however long the Registry takes; None where `stop` came first."""
    registry = RegistryClient(fleet.registry_url, http_client(fleet.ca_file, REGISTRY_SECONDS))
    identity = Identity(item.cp_id, SITE_NAME, item.metadata())
    enrolment = Enrolment(identity, registry, path, lambda: datetime.now(UTC))
    told = ""
    while not stop.is_set():
        try:
            return await asyncio.to_thread(enrolment.ensure)
        except Unreachable:
            reason = "the Registry does not answer yet"
        except (Denied, CredentialsUnreadable) as error:
            reason = f"cannot enrol: {error}"
        if reason != told:
            announce(f"{item.cp_id}: {reason}")
            told = reason
        await asyncio.wait({asyncio.ensure_future(stop.wait())}, timeout=RETRY_SECONDS)
    return None


async def _tell_connection(station: Station, item: DemoChargePoint, announce: Announce) -> None:
    await station.connection.online.wait()
    announce(f"{item.cp_id} enrolled and connected, OCPP {item.version}, {item.power_kw:g} kW")


def _secret(path: Path) -> str:
    known = credentials_load(path)
    return known.credentials if known else ""
