"""A scripted charge point for tests: raw frames and typed calls, asynchronous and for plain tests.

    with plug_in(server.ws("/ocpp"), "CP-1", secret, "1.6") as charger:
        charger.boot()
        tx = charger.start("TAG-1", wh=100)
        charger.call(*tx.meter(wh=600))
        charger.call(*tx.stop(wh=900))

Calls of the server are answered by `handlers` (action -> answer, CallError, or a function of the request);
those without a handler stay unanswered and are read with `recv_raw`. All of them are kept in `calls`.
"""

import asyncio
import json
import ssl
import threading
import uuid
from base64 import b64encode
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, TypeVar
from urllib.parse import quote

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.support import messages
from tests.support.messages import Frame, Transaction
from tests.support.wait import FACTOR

T = TypeVar("T")
SUBPROTOCOLS = {"1.6": "ocpp1.6", "2.0.1": "ocpp2.0.1", "2.1": "ocpp2.1"}


class CallError(Exception):
    """A CALLERROR: the server answered with it, or the charge point shall."""

    def __init__(self, code: str, description: str = "", details: Any = None) -> None:
        super().__init__(f"{code}: {description}")
        self.code, self.description, self.details = code, description, details


Answer = dict[str, Any] | CallError | Callable[[dict[str, Any]], dict[str, Any]]


class Refused(Exception):
    """The server refused the handshake."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status


class ChargePoint:
    """One connection of a scripted charge point."""

    def __init__(self, socket: ClientConnection, version: str, handlers: Mapping[str, Answer]) -> None:
        self.socket, self.version, self.handlers = socket, version, dict(handlers)
        self.calls: list[Frame] = []
        self._raw: asyncio.Queue[str] = asyncio.Queue()
        self._pending: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def connect(
        cls,
        url: str,
        cp_id: str,
        password: str | None,
        version: str = "1.6",
        *,
        handlers: Mapping[str, Answer] | None = None,
        headers: Mapping[str, str] | None = None,
        subprotocols: list[str] | None = None,
        user: str | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> "ChargePoint":
        """Connect to `url`/`cp_id` with Basic auth (none where `password` is None); raises Refused.

        `user` stands in the credentials instead of the id, `subprotocols` instead of the version's own;
        `tls` is for wss.
        """
        offered = [SUBPROTOCOLS[version]] if subprotocols is None else subprotocols
        try:
            socket = await connect(
                f"{url}/{quote(cp_id, safe='')}",
                subprotocols=offered or None,  # type: ignore[arg-type]
                additional_headers=dict(headers or {})
                | basic_auth(cp_id if user is None else user, password),
                compression=None,
                max_size=None,
                ping_interval=None,
                open_timeout=20 * FACTOR,
                proxy=None,
                ssl=tls,
            )
        except InvalidStatus as error:
            raise Refused(error.response.status_code) from error
        return cls(socket, version, handlers or {})

    async def call(
        self,
        action: str,
        payload: Any,
        *,
        message_id: str | None = None,
        within: float = 15,
    ) -> dict[str, Any]:
        """Send a CALL and wait for its answer; raises CallError, ConnectionClosed, TimeoutError."""
        message_id = message_id or uuid.uuid4().hex
        future = self._pending[message_id] = asyncio.get_running_loop().create_future()
        try:
            await self.send_raw([2, message_id, action, payload])
            return await asyncio.wait_for(future, within * FACTOR)
        finally:
            self._pending.pop(message_id, None)

    async def send_raw(self, frame: Any) -> None:
        """Send text as it is, bytes as a text frame as they are, anything else as compact JSON."""
        if isinstance(frame, bytes):
            await self.socket.send(frame, text=True)
        elif isinstance(frame, str):
            await self.socket.send(frame)
        else:
            await self.socket.send(json.dumps(frame, separators=(",", ":")))

    async def recv_raw(self, within: float = 10) -> Any:
        """The next frame that nothing else took, decoded; raises TimeoutError, ConnectionClosed."""
        getter = asyncio.create_task(self._raw.get())
        if self._raw.empty():
            await asyncio.wait(
                {getter, self._reader}, timeout=within * FACTOR, return_when=asyncio.FIRST_COMPLETED
            )
        else:
            await getter
        if getter.done():
            return json.loads(getter.result())
        getter.cancel()
        if self._reader.done():
            await self.socket.recv()
        raise TimeoutError(f"no frame within {within:g} s")

    async def wait_closed(self, within: float = 10) -> int | None:
        """Wait until the server closes; the close code. Raises TimeoutError."""
        await asyncio.wait_for(self.socket.wait_closed(), within * FACTOR)
        return self.socket.close_code

    async def close(self) -> None:
        """Close in order."""
        await self.socket.close()
        await asyncio.wait({self._reader})

    async def kill(self) -> None:
        """Drop the TCP connection without a word."""
        self.socket.transport.abort()
        await asyncio.wait({self._reader})

    async def _read(self) -> None:
        with suppress(ConnectionClosed):
            async for text in self.socket:
                await self._take(text if isinstance(text, str) else text.decode())
        for future in self._pending.values():
            if not future.done():
                future.set_exception(ConnectionClosed(self.socket.protocol.close_rcvd, None))

    async def _take(self, text: str) -> None:
        frame = json.loads(text)
        kind, message_id = (frame[0], str(frame[1])) if isinstance(frame, list) else (None, "")
        if kind == 2:
            self.calls.append((frame[2], frame[3]))
        if kind == 2 and frame[2] in self.handlers:
            answer = self.handlers[frame[2]]
            if isinstance(answer, CallError):
                await self.send_raw([4, message_id, answer.code, answer.description, {}])
            else:
                await self.send_raw([3, message_id, answer(frame[3]) if callable(answer) else answer])
        elif kind in {3, 4} and (future := self._pending.get(message_id)) and not future.done():
            if kind == 3:
                future.set_result(frame[2])
            else:
                future.set_exception(CallError(*frame[2:5]))
        else:
            self._raw.put_nowait(text)


def basic_auth(user: str, password: str | None) -> dict[str, str]:
    """The Authorization header of Basic auth; nothing where `password` is None."""
    if password is None:
        return {}
    text = f"{user}:{password}".encode()
    return {"Authorization": "Basic " + b64encode(text).decode()}


class SyncChargePoint:
    """The same for plain tests: each method waits for its result."""

    def __init__(self, loop: asyncio.AbstractEventLoop, inner: ChargePoint) -> None:
        self._loop, self.inner = loop, inner
        self.version = inner.version

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    @property
    def calls(self) -> list[Frame]:
        """The server's calls so far: (action, payload)."""
        return self.inner.calls

    @property
    def handlers(self) -> dict[str, Answer]:
        """Answers to the server's calls, by action."""
        return self.inner.handlers

    def call(self, action: str, payload: Any, **options: Any) -> dict[str, Any]:
        """As ChargePoint.call."""
        return self._do(self.inner.call(action, payload, **options))

    def send_raw(self, frame: Any) -> None:
        """As ChargePoint.send_raw."""
        self._do(self.inner.send_raw(frame))

    def recv_raw(self, within: float = 10) -> Any:
        """As ChargePoint.recv_raw."""
        return self._do(self.inner.recv_raw(within))

    def wait_closed(self, within: float = 10) -> int | None:
        """As ChargePoint.wait_closed."""
        return self._do(self.inner.wait_closed(within))

    def close(self) -> None:
        """As ChargePoint.close."""
        self._do(self.inner.close())

    def kill(self) -> None:
        """As ChargePoint.kill."""
        self._do(self.inner.kill())

    def boot(self, **changes: Any) -> dict[str, Any]:
        """BootNotification."""
        return self.call(*messages.boot(self.version, **changes))

    def heartbeat(self) -> dict[str, Any]:
        """Heartbeat."""
        return self.call("Heartbeat", {})

    def status(self, connector: int = 1, value: str = "Available", **changes: Any) -> dict[str, Any]:
        """StatusNotification."""
        return self.call(*messages.status(self.version, connector, value, **changes))

    def authorize(self, tag: str) -> str:
        """Authorize; the status."""
        return messages.token_status(self.call(*messages.authorize(self.version, tag)))

    def start(self, tag: str = "TAG-1", connector: int = 1, wh: int = 0, **changes: Any) -> Transaction:
        """Start a transaction and return it, its id filled in."""
        transaction = Transaction(self.version, tag, connector)
        transaction.started(self.call(*transaction.start(wh, **changes)))
        return transaction

    def charge(self, tag: str = "TAG-1", connector: int = 1, wh: int = 0, energy: int = 1000) -> Transaction:
        """A whole transaction: start at `wh`, one reading half way, stop at `wh` + `energy`."""
        transaction = self.start(tag, connector, wh)
        self.call(*transaction.meter(wh + energy // 2))
        self.call(*transaction.stop(wh + energy))
        return transaction


@contextmanager
def plug_in(
    url: str, cp_id: str, password: str | None, version: str = "1.6", **options: Any
) -> Iterator[SyncChargePoint]:
    """A connected charge point whose loop runs in a thread of its own; options as ChargePoint.connect."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name=f"charger-{cp_id}", daemon=True)
    thread.start()
    inner = None
    try:
        work = ChargePoint.connect(url, cp_id, password, version, **options)
        inner = asyncio.run_coroutine_threadsafe(work, loop).result()
        yield SyncChargePoint(loop, inner)
    finally:
        if inner is not None:
            asyncio.run_coroutine_threadsafe(inner.close(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
