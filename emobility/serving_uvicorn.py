"""uvicorn's WebSocket protocol with a short way in and out for whole texts.

    uvicorn emobility.asgi:application --ws emobility.serving_uvicorn:FrameProtocol

Everything else (fragments, pings, binary, close, several frames at once, parts of frames) is left to uvicorn.
Nothing more is read while the application has enough to do, or while the peer does not read what it is sent.
"""

from collections.abc import Callable
from typing import Any, Final

import structlog
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.streams import StreamReader

from emobility.lib import express
from emobility.lib.text_frames import frame_of, text_of

log = structlog.get_logger(__name__)

UNREAD_LIMIT: Final = 8 * 1024 * 1024
"""Bytes that may wait for a peer that does not read; beyond that the connection ends."""
_BEFORE_A_FRAME: Final = StreamReader.at_eof.__code__
"""Where the library's parser waits between two frames."""


class FrameProtocol(WebSocketsSansIOProtocol):
    """uvicorn's protocol of one socket, and its express lane (`emobility.lib.express.Lane`)."""

    on_text: Callable[[str], None] | None = None
    _brakes: frozenset[str] = frozenset()
    _between_messages = False

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # Messages of some hundred bytes: compression costs more than it saves, and memory for each socket.
        self.conn.available_extensions = None

    def handle_connect(self, event: Request) -> None:
        """Offer the lane to the application, which runs from the next turn of the loop on."""
        super().handle_connect(event)
        if self.response.status_code == 101:
            extensions: dict[str, Any] = self.scope["extensions"]
            extensions[express.NAME] = self

    def data_received(self, data: bytes) -> None:
        """Hand a usual frame over at once; leave the rest to uvicorn."""
        if self._between_messages and self.on_text is not None and self._is_open() and self.queue.empty():
            text = text_of(data)
            if text is not None:
                self.on_text(text)
                return
        super().data_received(data)
        self._between_messages = _between_messages(self.conn)
        self._set_reading()

    def _is_open(self) -> bool:
        return self.conn.state is State.OPEN and not self.transport.is_closing()

    def send_text(self, text: str) -> None:
        """Send a text as one frame. Raises ClientDisconnected."""
        if not self._is_open():
            raise ClientDisconnected
        self.transport.write(frame_of(text.encode()))
        if "unread" in self._brakes and self.transport.get_write_buffer_size() > UNREAD_LIMIT:
            log.warning("serving.peer_does_not_read", client=self.client)
            self.transport.abort()
            raise ClientDisconnected

    def unread(self) -> int:
        """Bytes that wait for the peer."""
        return int(self.transport.get_write_buffer_size())

    async def receive(self) -> Any:
        """The next event; uvicorn reads on when it is the last one, we only where nothing else holds us."""
        message = await super().receive()
        self._set_reading()
        return message

    def hold(self) -> None:
        """Read no further until `release`: the application has enough."""
        self._brake("application", on=True)

    def release(self) -> None:
        """Read on."""
        self._brake("application", on=False)

    def pause_writing(self) -> None:
        """Much waits to be written: read no more of a peer that does not read."""
        super().pause_writing()
        self._brake("unread", on=True)

    def resume_writing(self) -> None:
        """The peer reads again."""
        super().resume_writing()
        self._brake("unread", on=False)

    def _brake(self, why: str, *, on: bool) -> None:
        self._brakes = self._brakes | {why} if on else self._brakes - {why}
        self._set_reading()

    def _set_reading(self) -> None:
        """Read where neither we nor uvicorn wait for something; a closing socket hears the last word."""
        if self.transport.is_closing():
            return
        is_closing = self.conn.state in {State.CLOSING, State.CLOSED}
        reads = is_closing or not (self._brakes or self.read_paused)
        if reads != self.transport.is_reading():
            if reads:
                self.transport.resume_reading()
            else:
                self.transport.pause_reading()

    def keepalive_timeout(self) -> None:
        """End the connection of a peer that answers no ping."""
        super().keepalive_timeout()
        self._drop_unread()

    def shutdown(self) -> None:
        """End the connection because the server ends."""
        super().shutdown()
        self._drop_unread()

    def _drop_unread(self) -> None:
        """An orderly close would wait until the peer has read everything."""
        if "unread" in self._brakes:
            self.transport.abort()


def _between_messages(conn: ServerProtocol) -> bool:
    """True where the next byte begins a message, uncompressed."""
    step: Any = conn.parser
    while step.gi_yieldfrom is not None:
        step = step.gi_yieldfrom
    return step.gi_code is _BEFORE_A_FRAME and conn.current_size is None and not conn.extensions
