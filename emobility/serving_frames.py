"""Usual WebSocket frames without detours: daphne's protocol with a short way in and out for whole texts.

Everything else (fragments, pings, binary, close, several frames at once, frames in pieces) is autobahn's.
Neither of them ever stops reading: here nothing more is read while the application has enough to do, or while
the peer does not read what it is sent.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final

import structlog
from autobahn.exception import Disconnected
from daphne.ws_protocol import WebSocketProtocol
from twisted.internet.tcp import Server as PlainTransport

from emobility.lib.text_frames import frame_of, text_of

log = structlog.get_logger(__name__)

WAITING_LIMIT: Final = 100
"""Messages that may wait for the application before reading pauses."""
WAITING_LOW: Final = 10
UNREAD_LIMIT: Final = 8 * 1024 * 1024
"""Bytes that may wait for a peer that does not read; beyond that the connection ends."""
LOOK_SECONDS: Final = 0.02


class Unread:
    """Told by the transport when its peer reads too slowly (Twisted's push producer): read no more of it."""

    def __init__(self, protocol: "FrameProtocol") -> None:
        self._protocol = protocol

    def pauseProducing(self) -> None:  # noqa: N802 -- Twisted's name
        """Much waits to be written."""
        self._protocol.brake("unread", on=True)

    def resumeProducing(self) -> None:  # noqa: N802 -- Twisted's name
        """All of it is written."""
        self._protocol.brake("unread", on=False)

    def stopProducing(self) -> None:  # noqa: N802 -- Twisted's name
        """The connection is gone."""


class FrameProtocol(WebSocketProtocol):  # type: ignore[misc]
    """daphne's protocol of one socket, and its express lane (`emobility.lib.express.Lane`)."""

    on_text: Callable[[str], None] | None = None
    _brakes: frozenset[str] = frozenset()

    @classmethod
    def set_up(cls, factory: Any) -> type["FrameProtocol"]:
        """The class of a factory's sockets: it holds what autobahn copies and prints for each."""
        found = {name: getattr(factory, name) for name in cls.CONFIG_ATTRS if not hasattr(cls, name)}
        settings = {name: staticmethod(one) if callable(one) else one for name, one in found.items()}
        return type(cls.__name__, (cls,), {**settings, "CONFIG_ATTRS": ()})

    def onOpen(self) -> None:  # noqa: N802 -- autobahn's name
        """Hear from the transport what the peer does not read."""
        super().onOpen()
        # Until now the HTTP channel, which has nothing to do with the socket any more, was told.
        self.transport.unregisterProducer()
        self.transport.registerProducer(Unread(self), True)

    def onMessage(self, payload: bytes, isBinary: bool) -> None:  # noqa: N802, N803 -- autobahn's names
        """Queue a message for the application, and pause where it does not keep up."""
        if self.state != self.STATE_OPEN:
            return
        super().onMessage(payload, isBinary)
        if self.application_queue.qsize() >= WAITING_LIMIT and "waiting" not in self._brakes:
            self.brake("waiting", on=True)
            self._look()

    def _look(self) -> None:
        if self.state == self.STATE_OPEN and self.application_queue.qsize() > WAITING_LOW:
            asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look)
        else:
            self.brake("waiting", on=False)

    def hold(self) -> None:
        """Read no further until `release`: the application has enough."""
        self.brake("application", on=True)

    def release(self) -> None:
        """Read on."""
        self.brake("application", on=False)

    def brake(self, why: str, *, on: bool) -> None:
        """Pause reading for a reason, or take it back; a closing socket hears the peer's last word."""
        before = self._brakes
        self._brakes = before | {why} if on and self.state == self.STATE_OPEN else before - {why}
        if bool(before) != bool(self._brakes):
            self._set_reading(not self._brakes)

    def _set_reading(self, reads: bool) -> None:
        if self.state == self.STATE_CLOSED:
            return
        if reads:
            self.transport.resumeProducing()
        else:
            self.transport.pauseProducing()

    def sendCloseFrame(self, *args: Any, **options: Any) -> None:  # noqa: N802 -- autobahn's name
        """Begin to close: what holds reading back does so no longer."""
        super().sendCloseFrame(*args, **options)
        if self._brakes:
            self._brakes = frozenset()
            self._set_reading(True)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 -- Twisted's name
        """Hand a usual frame over at once; leave the rest to autobahn, without its costly debug lines."""
        if self.on_text is not None and self._is_between_messages():
            text = text_of(data)
            if text is not None:
                self.last_ping = time.time()
                self.on_text(text)
                return
        self._dataReceived(data)

    def _is_between_messages(self) -> bool:
        return (
            self.state == self.STATE_OPEN
            and not self.data
            and self.current_frame is None
            and not self.inside_message
            and not self.muted
            and self._perMessageCompress is None
            and self.application_queue.empty()
        )

    def send_text(self, text: str) -> None:
        """Send a text as one frame, at once where nothing waits before it. Raises Disconnected."""
        if self.state != self.STATE_OPEN:
            raise Disconnected("the socket is not open")
        if self.send_queue or self._perMessageCompress is not None:
            self.sendMessage(text.encode(), False)
            return
        data = frame_of(text.encode())
        _write(self.transport, data)
        self._bound_unread()

    def unread(self) -> int:
        """Bytes that wait for the peer."""
        return _unwritten(self.transport)

    def serverSend(self, content: Any, binary: bool = False) -> None:  # noqa: N802 -- daphne's name
        """Send what did not come by the lane."""
        super().serverSend(content, binary)
        self._bound_unread()

    def _bound_unread(self) -> None:
        """End a connection whose peer reads nothing. Raises Disconnected."""
        if "unread" in self._brakes and _unwritten(self.transport) > UNREAD_LIMIT:
            log.warning("serving.peer_does_not_read", client=self.client_addr)
            self.dropConnection(abort=True)
            raise Disconnected("the peer does not read")


def _write(transport: Any, data: bytes) -> None:
    """Write without a round through the event loop where the socket takes all of it now."""
    if type(transport) is PlainTransport and _is_idle(transport):
        written = transport.writeSomeData(data)
        # What is no number is a lost connection: the ordinary way finds that out too and tells of it.
        data = data[written:] if isinstance(written, int) else data
    if data:
        transport.write(data)


def _unwritten(transport: Any) -> int:
    """Bytes that wait; with TLS those that are not encrypted yet, and those of the connection below."""
    below = getattr(transport, "transport", transport)
    plain = sum(map(len, getattr(transport, "_appSendBuffer", ())))
    waiting: int = len(below.dataBuffer) - below.offset + below._tempDataLen  # noqa: SLF001 -- the only way to know
    return plain + waiting


def _is_idle(transport: Any) -> bool:
    buffered = transport.dataBuffer or transport._tempDataBuffer  # noqa: SLF001 -- the only way to know
    return bool(transport.connected) and not (buffered or transport.disconnecting or transport.TLS)
