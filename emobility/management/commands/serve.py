"""`manage.py serve`: all faces in one process."""

import logging.config
import os
import ssl
import threading
from datetime import datetime
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser, OutputWrapper
from django.db import DatabaseError, connection

from central.services.silence import connections_forget
from emobility.asgi import application
from emobility.demo_show import DemoShow
from emobility.embedded import Embedded
from emobility.lib.clock import utc_now
from emobility.lib.metrics import files_clean
from emobility.serving import Listener, PortTaken, serve

log = structlog.get_logger(__name__)


def listeners() -> list[Listener]:
    """The addresses by the settings: Central, Registry, and OCPP's own where one is set."""
    central = Listener(settings.HOST, settings.PORT, settings.SSL_KEYFILE, settings.SSL_CERTFILE)
    registry = Listener(settings.HOST, settings.REGISTRY_API_PORT)
    if settings.REGISTRY_TLS_ENABLED:
        if not settings.REGISTRY_TLS_CERT_FILE:
            raise ImproperlyConfigured("REGISTRY_TLS_ENABLED=true needs REGISTRY_TLS_CERT_FILE.")
        registry = Listener(
            settings.HOST,
            settings.REGISTRY_API_PORT,
            settings.REGISTRY_TLS_KEY_FILE,
            settings.REGISTRY_TLS_CERT_FILE,
        )
    found = {"registry": [registry], "central": [central]}.get(settings.FACE, [central, registry])
    if settings.OCPP_WEBSOCKET_PORT and settings.FACE != "registry":
        host = settings.OCPP_WEBSOCKET_HOST or settings.HOST
        found.append(
            Listener(host, settings.OCPP_WEBSOCKET_PORT, settings.SSL_KEYFILE, settings.SSL_CERTFILE)
        )
    check(found)
    return found


def check(found: list[Listener]) -> None:
    """Refuse what could only fail, or serve without TLS, later on. Raises ImproperlyConfigured."""
    addresses = [(item.host, item.port) for item in found if item.port]
    if len(set(addresses)) < len(addresses):
        raise ImproperlyConfigured("PORT, REGISTRY_API_PORT and OCPP_WEBSOCKET_PORT must differ.")
    for item in found:
        if item.keyfile and not item.certfile:
            raise ImproperlyConfigured(f"{item.keyfile} is a TLS key without its certificate.")
        if item.certfile:
            check_certificate(item)


def check_certificate(item: Listener) -> None:
    """Raise ImproperlyConfigured where certificate and key cannot be read or do not fit each other."""
    try:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(item.certfile, item.keyfile or None, password="")
    except OSError as error:
        reason = error.strerror or str(error)
        raise ImproperlyConfigured(f"TLS with {item.certfile} is not possible: {reason}.") from error


class Command(BaseCommand):
    """Serve in the foreground until Ctrl-C or SIGTERM."""

    help = "Serves Central, admin, REST, OCPI, OCPP and the Registry from one process (daphne)."

    def add_arguments(self, parser: CommandParser) -> None:
        """What runs beside the server."""
        parser.add_argument("--embedded", action="store_true", help="run worker and scheduler as threads")
        parser.add_argument("--demo", action="store_true", help="run the demo fleet")
        parser.add_argument("--quiet", action="store_true", help="log lines go to var/log only")

    def handle(self, *args: Any, **options: Any) -> None:
        """Listen; a taken port ends in one clear line."""
        if options["quiet"]:
            quieten_console()
        files_clean(settings.METRICS_DIR)
        beside = companions(self.stdout, embedded=options["embedded"], demo=options["demo"])
        started = utc_now()

        def ready() -> None:
            self.stdout.write(addresses())
            threading.Thread(target=forget_connections, args=[started], name="forget", daemon=True).start()
            for companion in beside:
                companion.start()

        def end() -> None:
            for companion in reversed(beside):
                companion.stop()

        limit = settings.OCPP_MAX_MESSAGE_BYTES
        try:
            serve(application, listeners(), max_message_bytes=limit, on_ready=ready, on_end=end)
        except PortTaken as error:
            raise CommandError(f"{error} Choose others with HOST, PORT, REGISTRY_API_PORT.") from error


def companions(out: OutputWrapper, *, embedded: bool, demo: bool) -> list[Embedded | DemoShow]:
    """What lives beside the server, in the order of its start."""
    found: list[Embedded | DemoShow] = [Embedded()] if embedded else []
    return [*found, DemoShow(out, with_fleet=True)] if demo else found


def forget_connections(before: datetime) -> None:
    """Show nobody as connected to a process that was killed; on PostgreSQL others may serve beside us."""
    if connection.vendor != "sqlite" or settings.FACE == "registry":
        return
    try:
        connections_forget(before=before, now=utc_now())
    except DatabaseError as error:
        log.warning("serving.connections_not_forgotten", error=repr(error)[:200])
    finally:
        connection.close()


def addresses() -> str:
    """Where to go, one line each."""
    found = [f"{item.scheme}://{item.host}:{item.port}" for item in listeners()]
    central, registry = found[0], found[0] if settings.FACE else found[1]
    socket = central.replace("http", "ws", 1)
    return "\n".join(
        (
            "",
            f"  Admin      {central}/admin/",
            f"  REST       {central}/docs",
            f"  OCPI       {central}/ocpi/versions",
            f"  OCPP       {socket}/{settings.OCPP_PATH_PREFIX}/<charge point id>",
            f"  Registry   {registry}/docs",
            f"  Logs       {os.path.relpath(settings.LOG_DIR)}",
            "",
        )
    )


def quieten_console() -> None:
    """Keep the console for people: errors only; the files get everything.

    In the settings, because the worker sets Django up once more, and its logging with it.
    """
    settings.LOGGING["handlers"]["console"]["level"] = "ERROR"
    logging.config.dictConfig(settings.LOGGING)
