"""Connections of outgoing HTTP: to addresses that were checked, each operation within one deadline."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ssl import SSLContext
from typing import Any

import httpcore2


@dataclass(slots=True)
class Deadline:
    """When the request under way must be over, by the monotonic clock."""

    at: float = 0.0

    def left(self, error: type[Exception]) -> float:
        """Seconds until then; raises `error` where there are none."""
        left = self.at - time.monotonic()
        if left <= 0:
            raise error("out of time")
        return left


class PinnedStream(httpcore2.NetworkStream):
    """A stream whose every operation must fit into what is left of one deadline."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: Deadline) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left(httpcore2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left(httpcore2.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        left = self._deadline.left(httpcore2.ConnectTimeout)
        return PinnedStream(self._stream.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class PinnedBackend(httpcore2.NetworkBackend):
    """Connects to the addresses that were checked, in turn, whatever the name would resolve to by now."""

    def __init__(self, addresses: Sequence[str], deadline: Deadline) -> None:
        self._addresses, self._deadline = addresses, deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        failure: Exception | None = None
        for address in self._addresses:
            left = self._deadline.left(httpcore2.ConnectTimeout)
            try:
                stream = httpcore2.SyncBackend().connect_tcp(address, port, left, None, socket_options)
            except httpcore2.ConnectError as error:
                failure = error
            else:
                return PinnedStream(stream, self._deadline)
        raise failure or httpcore2.ConnectError("no address")
