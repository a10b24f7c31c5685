"""Serves all faces from one process with daphne: true HTTP refusals, a long backlog, an orderly end."""

import asyncio
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog
from autobahn.websocket.types import ConnectionDeny
from daphne.server import Server
from twisted.internet import defer, reactor
from twisted.internet.interfaces import ISSLTransport

from emobility.lib import bell, express
from emobility.serving_frames import FrameProtocol
from emobility.serving_http import PlatformRequest

log = structlog.get_logger(__name__)

BACKLOG = 2048
REFUSALS = {
    4401: (401, "Unauthorized"),
    4404: (404, "Not Found"),
    4429: (429, "Too Many Requests"),
    4503: (503, "Service Unavailable"),
}
SHUTDOWN_SECONDS = 20
CLOSE_SECONDS = 600
"""How long a closed connection may take to end: where thousands close at once, they do so by turns."""


class PortTaken(Exception):
    """Somebody else listens on the port already."""


@dataclass(frozen=True, slots=True)
class Listener:
    """One address that the process listens on, with TLS where key and certificate are named."""

    host: str
    port: int
    keyfile: str = ""
    certfile: str = ""

    @property
    def scheme(self) -> str:
        """http or https."""
        return "https" if self.certfile else "http"

    def endpoint(self) -> str:
        """The listener as a Twisted endpoint description."""
        interface = self.host.strip("[]").replace(":", r"\:")
        common = f"port={self.port}:interface={interface}:backlog={BACKLOG}"
        if self.certfile:
            return f"ssl:{common}:privateKey={self.keyfile or self.certfile}:certKey={self.certfile}"
        return f"tcp:{common}"

    def check_free(self) -> None:
        """Raise PortTaken where the address cannot be had."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host.strip("[]"), self.port))
            except OSError as error:
                reason = error.strerror or str(error)
                raise PortTaken(f"{self.host}:{self.port} cannot be used: {reason}.") from error


class PlatformServer(Server):  # type: ignore[misc]
    """daphne with real refusal statuses and an end that lets work in flight finish.

    `first_end` is called, and waited for, while the server still answers.
    """

    first_end: Callable[[], None] = staticmethod(lambda: None)

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        """Tell WebSocket applications what daphne leaves out: whether it is encrypted, and our lane."""
        if scope["type"] == "websocket":
            scope["scheme"] = "wss" if ISSLTransport.providedBy(protocol.transport) else "ws"
            scope["extensions"] = {express.NAME: protocol}
        return super().create_application(protocol, scope)

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        """Answer a refused handshake with 401, 404 or 429 instead of daphne's 403 for everything."""
        refusal = REFUSALS.get(message.get("code", 0)) if message["type"] == "websocket.close" else None
        deferred = getattr(protocol, "handshake_deferred", None)
        if refusal is None or deferred is None:
            await super().handle_reply(protocol, message)
            gate = getattr(protocol, "gate", None)
            if gate is not None:
                await gate.passed()
            return
        del protocol.handshake_deferred
        deny: Any = ConnectionDeny
        deferred.errback(deny(code=refusal[0], reason=refusal[1]))
        self.protocol_disconnected(protocol)

    def kill_all_applications(self) -> Any:
        """End what lives beside the server, then all sockets in order; answers a Deferred."""
        return defer.Deferred.fromFuture(asyncio.ensure_future(self._end()))

    async def _end(self) -> None:
        await asyncio.get_running_loop().run_in_executor(None, self.first_end)
        await _finish(self._close_sockets())

    def _close_sockets(self) -> list["asyncio.Future[Any]"]:
        """Close all sockets with 1000; answers what still works on them."""
        running = []
        for protocol, details in list(self.connections.items()):
            application = details.get("application_instance")
            if application is None or application.done():
                continue
            running.append(application)
            if (
                getattr(protocol, "application_type", "") == "websocket"
                and protocol.state == protocol.STATE_OPEN
            ):
                protocol.serverClose(code=1000)
        return running


async def _finish(applications: Sequence["asyncio.Future[Any]"]) -> None:
    if not applications:
        return
    _, left = await asyncio.wait(applications, timeout=SHUTDOWN_SECONDS)
    for application in left:
        application.cancel()
    if left:
        log.warning("serving.ended_by_force", connections=len(left))
        await asyncio.wait(left, timeout=1)


def serve(
    application: Any,
    listeners: Sequence[Listener],
    *,
    max_message_bytes: int,
    on_ready: Callable[[], None],
    on_end: Callable[[], None],
) -> None:
    """Serve until SIGINT or SIGTERM; raises PortTaken before anything is started."""
    for listener in listeners:
        listener.check_free()
    server = PlatformServer(
        application,
        endpoints=[listener.endpoint() for listener in listeners],
        websocket_timeout=-1,
        websocket_handshake_timeout=20,
        websocket_max_message_size=max_message_bytes,
        websocket_max_frame_size=max_message_bytes,
        application_close_timeout=CLOSE_SECONDS,
        server_name="emobility",
    )
    server.first_end = on_end
    server.ready_callable = partial(_take_over, server)
    reactor.callWhenRunning(_ready, on_ready)
    server.run()


def _take_over(server: PlatformServer) -> None:
    """daphne makes its factories when it runs; what they make is ours before anybody connects."""
    server.ws_factory.protocol = FrameProtocol.set_up(server.ws_factory)
    build = server.http_factory.buildProtocol

    def build_ours(address: Any) -> Any:
        protocol = build(address)
        protocol.requestFactory = PlatformRequest
        return protocol

    server.http_factory.buildProtocol = build_ours


def _ready(on_ready: Callable[[], None]) -> None:
    bell.use_loop(asyncio.get_event_loop())
    on_ready()
