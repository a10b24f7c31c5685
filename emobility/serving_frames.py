"""Usual WebSocket frames without detours: daphne's protocol with a short way in and out for whole texts.

Everything else (fragments, pings, binary, close, several frames at once, frames in pieces) is autobahn's.
"""

import time
from collections.abc import Callable
from typing import Any, Final

from autobahn.exception import Disconnected
from daphne.ws_protocol import WebSocketProtocol
from twisted.internet.tcp import Server as PlainTransport

WHOLE_TEXT: Final = 0x81
"""First byte of a text frame that is a whole message, uncompressed (RFC 6455 §5.2)."""
_MASKED: Final = 0x80
_TWO_BYTES: Final = 126
"""A length that says: the two bytes that follow are the length."""


def text_of(data: bytes) -> str | None:
    """The text, where `data` is exactly one whole masked text frame of at most 64 KiB; else None."""
    if len(data) < 7 or data[0] != WHOLE_TEXT:
        return None
    size, begin = data[1] - _MASKED, 6
    if size == _TWO_BYTES:
        size, begin = int.from_bytes(data[2:4]), 8
        if size < _TWO_BYTES:
            return None
    if size <= 0 or len(data) != begin + size or (begin == 6 and size > _TWO_BYTES):
        return None
    mask = (data[begin - 4 : begin] * (size // 4 + 1))[:size]
    plain = (int.from_bytes(data[begin:]) ^ int.from_bytes(mask)).to_bytes(size)
    try:
        return plain.decode()
    except UnicodeDecodeError:
        return None


def frame_of(payload: bytes) -> bytes:
    """One whole text frame of a server: not masked."""
    size = len(payload)
    if size < _TWO_BYTES:
        return bytes((WHOLE_TEXT, size)) + payload
    if size < 2**16:
        return bytes((WHOLE_TEXT, _TWO_BYTES)) + size.to_bytes(2) + payload
    return bytes((WHOLE_TEXT, _TWO_BYTES + 1)) + size.to_bytes(8) + payload


class FrameProtocol(WebSocketProtocol):  # type: ignore[misc]
    """daphne's protocol of one socket, and its express lane (`emobility.lib.express.Lane`)."""

    on_text: Callable[[str], None] | None = None

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


def _write(transport: Any, data: bytes) -> None:
    """Write without a round through the event loop where the socket takes all of it now."""
    if type(transport) is PlainTransport and _is_idle(transport):
        written = transport.writeSomeData(data)
        # What is no number is a lost connection: the ordinary way finds that out too and tells of it.
        data = data[written:] if isinstance(written, int) else data
    if data:
        transport.write(data)


def _is_idle(transport: Any) -> bool:
    buffered = transport.dataBuffer or transport._tempDataBuffer  # noqa: SLF001 -- the only way to know
    return bool(transport.connected) and not (buffered or transport.disconnecting or transport.TLS)
