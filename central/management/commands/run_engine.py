"""`manage.py run_engine`: a simulated charge point that connects, charges and shows its health."""

import asyncio
import logging
import signal
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from central.monitor.config import file_name
from central.monitor.credentials import Credentials, CredentialsUnreadable, credentials_load
from central.ocpp.simulator.health import serve_health
from central.ocpp.simulator.options import FOREVER, VERSIONS, Options
from central.ocpp.simulator.station import Station

log = logging.getLogger(__name__)


class Command(BaseCommand):
    """Run until all sessions are over, SIGTERM or Ctrl-C; SIGUSR1 begins and ends a simulated fault."""

    help = "Runs a simulated charge point with the credentials that its monitor has stored."
    requires_system_checks = []

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Let `--version` mean the protocol's, not Django's."""
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        """All options of the charge point."""
        default = Options(cp_id="", central_url="")
        parser.add_argument("--cp-id", default="", help="charge point id (default: the credential file's)")
        parser.add_argument("--version", choices=VERSIONS, default="1.6", help="the OCPP version it speaks")
        parser.add_argument(
            "--central-url", default="ws://127.0.0.1:8000/ocpp", help="OCPP address without the id"
        )
        parser.add_argument("--credentials-file", type=Path, help="JSON that the monitor writes")
        parser.add_argument("--wait-for-credentials", type=float, default=60.0, metavar="SECONDS")
        parser.add_argument("--ca-file", default="", help="authority that signed Central's certificate (wss)")
        parser.add_argument("--connectors", type=int, default=default.connectors)
        parser.add_argument("--power-kw", type=float, default=default.power_kw)
        parser.add_argument("--id-tag", default=default.id_tag)
        parser.add_argument(
            "--sessions",
            type=int,
            default=FOREVER,
            help="per connector; 0: remote starts only; default: no end",
        )
        parser.add_argument("--session-seconds", type=float, default=default.session_seconds)
        parser.add_argument("--meter-interval", type=float, default=default.meter_interval, metavar="SECONDS")
        parser.add_argument("--pause-seconds", type=float, default=default.pause_seconds)
        parser.add_argument("--health-host", default="127.0.0.1")
        parser.add_argument("--health-port", type=int, default=8001)
        parser.add_argument("--fault", action="store_true", help="begin with a simulated fault")

    def handle(self, *args: Any, **options: Any) -> None:
        """Find the credentials and run; what cannot work ends in one line."""
        path = credentials_path(options)
        known = wait_for_credentials(path, options["wait_for_credentials"])
        if options["cp_id"] and options["cp_id"] != known.cp_id:
            raise CommandError(f"{path} belongs to {known.cp_id}, not to {options['cp_id']}.")
        try:
            asyncio.run(run(station_options(known.cp_id, options), path, options))
        except OSError as error:
            raise CommandError(
                f"The health page cannot be served at port {options['health_port']}: {error.strerror}."
            ) from error


def credentials_path(options: dict[str, Any]) -> Path:
    """The file that was named, or the monitor's own for the id."""
    if options["credentials_file"]:
        return Path(options["credentials_file"])
    if not options["cp_id"]:
        raise CommandError("Name the charge point: --cp-id or --credentials-file.")
    return Path(settings.VAR_DIR) / "charge-points" / f"{file_name(options['cp_id'])}.json"


def read_credentials(path: Path) -> Credentials | None:
    """The file's content; CommandError where it is not readable."""
    try:
        return credentials_load(path)
    except CredentialsUnreadable as error:
        raise CommandError(str(error)) from error


def wait_for_credentials(path: Path, seconds: float) -> Credentials:
    """The credentials, once the monitor has stored them."""
    until = time.monotonic() + seconds
    while (known := read_credentials(path)) is None:
        if time.monotonic() > until:
            raise CommandError(f"{path} does not exist: start run_monitor first, it enrols the charge point.")
        time.sleep(0.2)
    return known


def station_options(cp_id: str, options: dict[str, Any]) -> Options:
    """The command's options as the simulator wants them."""
    return Options(
        cp_id=cp_id,
        central_url=options["central_url"],
        version=options["version"],
        connectors=options["connectors"],
        power_kw=options["power_kw"],
        id_tag=options["id_tag"],
        sessions=options["sessions"],
        session_seconds=options["session_seconds"],
        meter_interval=options["meter_interval"],
        pause_seconds=options["pause_seconds"],
        ca_file=options["ca_file"],
    )


async def run(station_of: Options, path: Path, options: dict[str, Any]) -> None:
    """The charge point and its health page until both are to end; raises OSError for a taken port."""

    def secret() -> str:
        known = read_credentials(path)
        return known.credentials if known else ""

    station, stop = Station(station_of, secret), asyncio.Event()
    faults: set[asyncio.Task[None]] = set()

    def toggle() -> None:
        task = loop.create_task(station.set_fault(not station.is_faulted))
        faults.add(task)
        task.add_done_callback(faults.discard)

    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    loop.add_signal_handler(signal.SIGUSR1, toggle)
    server = await serve_health(options["health_host"], options["health_port"], station.status)
    log.info(
        "Engine of %s speaks OCPP %s to %s", station_of.cp_id, station_of.version, station_of.central_url
    )
    if options["fault"]:
        await station.set_fault(True)
    async with server:
        await station.run(stop)
