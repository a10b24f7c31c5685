"""`manage.py run_demo_fleet`: the demo's charge points against a running server; `serve --demo` starts it."""

import asyncio
import logging
import signal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from central.ocpp.simulator.refusals import refused_plainly
from emobility.demo_fleet import Fleet, run


class Command(BaseCommand):
    """Run until SIGTERM or Ctrl-C."""

    help = "Enrols the demo's charge points and lets them charge again and again."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Where the server is."""
        parser.add_argument("--registry-url", default=f"http://127.0.0.1:{settings.REGISTRY_API_PORT}")
        parser.add_argument("--central-url", default=f"ws://127.0.0.1:{settings.PORT}", help="without a path")
        parser.add_argument("--ca-file", default=settings.SSL_CERTFILE or settings.REGISTRY_TLS_CERT_FILE)

    def handle(self, *args: Any, **options: Any) -> None:
        """Go; log lines go to the files only."""
        for handler in logging.getLogger().handlers:
            if type(handler) is logging.StreamHandler:
                handler.setLevel(logging.WARNING)
        logging.getLogger("ocpp").addFilter(refused_plainly)
        fleet = Fleet(
            registry_url=options["registry_url"].rstrip("/"),
            central_url=f"{options['central_url'].rstrip('/')}/{settings.OCPP_PATH_PREFIX}",
            folder=settings.VAR_DIR / "demo",
            ca_file=options["ca_file"],
        )
        asyncio.run(self._run(fleet))

    async def _run(self, fleet: Fleet) -> None:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, stop.set)

        def announce(text: str) -> None:
            self.stdout.write(f"          {text}")
            self.stdout.flush()

        await run(fleet, stop, announce)
