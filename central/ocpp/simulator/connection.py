"""Keeps a simulated charge point connected: connect, greet, deliver, and after an end begin again."""

import asyncio
import ssl
from base64 import b64encode
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.typing import Subprotocol

from central.ocpp.simulator.backoff import Backoff
from central.ocpp.simulator.dialects import Message, heartbeat
from central.ocpp.simulator.options import Options
from central.ocpp.simulator.outbox import Outbox
from central.ocpp.simulator.wire import Offline, Orders, Refusal
from central.ocpp.simulator.wire_2 import Wire21, Wire201
from central.ocpp.simulator.wire_16 import Wire16

log = structlog.get_logger(__name__)

WIRES: dict[str, Any] = {"1.6": Wire16, "2.0.1": Wire201, "2.1": Wire21}
LOST = (OSError, WebSocketException, TimeoutError, Offline, Refusal)


class Connection:
    """The connection to Central; `online` is set while it is greeted and works.

    `greet` boots and tells the states after each connect; `credentials` is asked each time, so that a rotated
    secret is taken up; `heartbeat_seconds` may change at any time.
    """

    def __init__(
        self, options: Options, credentials: Callable[[], str], outbox: Outbox, orders: Orders
    ) -> None:
        self._options, self._credentials, self._outbox, self._orders = options, credentials, outbox, orders
        self._socket: ClientConnection | None = None
        self._wire: Any = None
        self.online = asyncio.Event()
        self.heartbeat_seconds = 300.0

    async def run(self, greet: Callable[[], Awaitable[None]]) -> None:
        """Stay connected until cancelled."""
        backoff = Backoff(
            self._options.retry_minimum, self._options.retry_random, self._options.retry_doublings
        )
        while True:
            try:
                async with self._connect() as socket:
                    await self._serve(socket, greet, backoff)
                log.info("simulator.disconnected", cp_id=self._options.cp_id)
            except LOST as error:
                log.info("simulator.not_connected", cp_id=self._options.cp_id, reason=reason_of(error))
            await asyncio.sleep(backoff.next())

    async def ask(self, message: Message) -> dict[str, Any]:
        """Send one request; raises Offline or Refusal."""
        if self._wire is None:
            raise Offline
        answer: dict[str, Any] = await self._wire.ask(message)
        return answer

    async def drop(self) -> None:
        """End this connection; the next one follows."""
        if self._socket is not None:
            await self._socket.close()

    def _connect(self) -> Any:
        options = self._options
        user = f"{options.cp_id}:{self._credentials()}".encode()
        return connect(
            f"{options.central_url.rstrip('/')}/{quote(options.cp_id, safe='')}",
            subprotocols=[Subprotocol(f"ocpp{options.version}")],
            additional_headers={"Authorization": "Basic " + b64encode(user).decode()},
            ssl=tls_context(options),
            compression=None,
            open_timeout=options.answer_timeout,
            close_timeout=2,
        )

    async def _serve(
        self, socket: ClientConnection, greet: Callable[[], Awaitable[None]], backoff: Backoff
    ) -> None:
        wire = WIRES[self._options.version](self._options.cp_id, socket, self._options.answer_timeout)
        wire.logger.setLevel("WARNING")
        wire.listen(self._orders)
        self._socket, self._wire = socket, wire
        tasks = [wire.reader]
        try:
            await greet()
            self.online.set()
            backoff.reset()
            tasks += [asyncio.create_task(self._outbox.deliver(wire.ask)), asyncio.create_task(self._beat())]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._wire = self._socket = None
            self.online.clear()
            await end(tasks)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self.heartbeat_seconds)
            with suppress(Refusal):
                await self.ask(heartbeat())


def tls_context(options: Options) -> ssl.SSLContext | None:
    """What checks Central's certificate on wss: the system's authorities or the file of `ca_file`."""
    if not options.central_url.startswith("wss:"):
        return None
    return ssl.create_default_context(cafile=options.ca_file or None)


def reason_of(error: Exception) -> str:
    """One short line on why there is no connection."""
    if isinstance(error, InvalidStatus):
        return f"refused with HTTP {error.response.status_code}"
    return str(error) or type(error).__name__


async def end(tasks: list["asyncio.Task[Any]"]) -> None:
    """Cancel tasks and wait until they are over."""
    for task in tasks:
        task.cancel()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, Exception) and not isinstance(result, LOST):
            log.error("simulator.task_failed", error=repr(result))
