"""A WebSocket by hand: handshake, frames and pieces of frames as bytes, for what no client library sends."""

import base64
import json
import os
import socket
from types import TracebackType
from typing import Any, Self

TEXT, CONTINUATION, CLOSE, PING, PONG = 0x1, 0x0, 0x8, 0x9, 0xA


def frame(
    payload: bytes, *, opcode: int = TEXT, last: bool = True, mask: bytes = b"\x01\x02\x03\x04"
) -> bytes:
    """One masked frame of a client (RFC 6455 §5.2)."""
    head = bytes([(0x80 if last else 0) | opcode])
    size = len(payload)
    if size < 126:
        head += bytes([0x80 | size])
    elif size < 2**16:
        head += bytes([0x80 | 126]) + size.to_bytes(2)
    else:
        head += bytes([0x80 | 127]) + size.to_bytes(8)
    key = (mask * (size // 4 + 1))[:size]
    body = (int.from_bytes(payload) ^ int.from_bytes(key)).to_bytes(size) if size else b""
    return head + mask + body


def call(message_id: str, action: str, payload: Any = None) -> bytes:
    """A CALL as one whole text frame."""
    return frame(json.dumps([2, message_id, action, payload or {}], separators=(",", ":")).encode())


class RawSocket:
    """A connection to 127.0.0.1; `status` is that of the handshake. `receive_buffer` bounds the kernel's."""

    def __init__(self, port: int, *, receive_buffer: int = 0, timeout: float = 20) -> None:
        self._socket = socket.socket()
        if receive_buffer:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self._socket.settimeout(timeout)
        self._socket.connect(("127.0.0.1", port))
        self._left = b""
        self.status = 0

    def knock(self, cp_id: str, password: str, version: str = "ocpp1.6", headers: str = "") -> Self:
        """Shake hands at /ocpp/<cp_id>; ConnectionError where it is not upgraded. `headers`: whole lines."""
        credentials = base64.b64encode(f"{cp_id}:{password}".encode()).decode()
        key = base64.b64encode(os.urandom(16)).decode()
        self.send(
            f"GET /ocpp/{cp_id} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: {version}\r\n"
            f"Authorization: Basic {credentials}\r\n{headers}\r\n".encode()
        )
        head = b""
        while b"\r\n\r\n" not in head:
            head += self._more()
        head, self._left = head.split(b"\r\n\r\n", 1)
        self.status = int(head.split()[1])
        if self.status != 101:
            raise ConnectionError(f"HTTP {self.status}")
        return self

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._socket.sendall(data)

    def send_some(self, data: bytes) -> int:
        """Send as much as is taken at once."""
        self._socket.setblocking(False)
        try:
            return self._socket.send(data)
        except BlockingIOError:
            return 0
        finally:
            self._socket.settimeout(20)

    def receive(self) -> tuple[int, bytes]:
        """The next frame: opcode and payload. Raises ConnectionError at the end, TimeoutError."""
        head = self._take(2)
        size = head[1] & 0x7F
        if size == 126:
            size = int.from_bytes(self._take(2))
        elif size == 127:
            size = int.from_bytes(self._take(8))
        return head[0] & 0x0F, self._take(size)

    def answer(self) -> Any:
        """The next text frame, decoded; pings are answered on the way. ConnectionError where it closes."""
        while True:
            opcode, payload = self.receive()
            if opcode == TEXT:
                return json.loads(payload)
            if opcode == PING:
                self.send(frame(payload, opcode=PONG))
            if opcode == CLOSE:
                raise ConnectionError(int.from_bytes(payload[:2]))

    def close_code(self) -> int:
        """Read until the connection ends; the code it was closed with, 0 for none."""
        try:
            while True:
                self.answer()
        except OSError as error:
            code = error.args[0] if error.errno is None and error.args else 0
            return code if isinstance(code, int) else 0

    def end(self) -> None:
        """Drop the connection."""
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def _take(self, size: int) -> bytes:
        while len(self._left) < size:
            self._left += self._more()
        taken, self._left = self._left[:size], self._left[size:]
        return taken

    def _more(self) -> bytes:
        data = self._socket.recv(1 << 16)
        if not data:
            raise ConnectionError
        return data
