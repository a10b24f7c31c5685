"""daphne's HTTP requests with two bounds: answers wait for slow readers, bodies end at their limit."""

import asyncio
from typing import Any

from daphne.http_protocol import WebRequest
from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

from emobility.bodies import body_limit

REFUSAL = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@implementer(IPushProducer)
class Gate:
    """Closed by the transport while its buffer is full: daphne itself would let it grow without end."""

    def __init__(self) -> None:
        self._open = asyncio.Event()
        self._open.set()

    def pauseProducing(self) -> None:  # noqa: N802 -- Twisted's name
        """The client reads more slowly than we write."""
        self._open.clear()

    def resumeProducing(self) -> None:  # noqa: N802 -- Twisted's name
        """The buffer has been taken."""
        self._open.set()

    def stopProducing(self) -> None:  # noqa: N802 -- Twisted's name
        """The client is gone: nobody has to wait for it."""
        self._open.set()

    async def passed(self) -> None:
        """Wait until the client has taken what was written."""
        await self._open.wait()


class PlatformRequest(WebRequest):  # type: ignore[misc]
    """A request whose answer knows its reader's pace, and whose body knows its limit."""

    gate: Gate | None = None
    _received = 0
    _refused = False

    def gotLength(self, length: int | None) -> None:  # noqa: N802 -- Twisted's name
        """The declared length, None for chunks: more than the limit is refused before it is read."""
        super().gotLength(length)
        if length is not None and length > self._limit():
            self._refuse()

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802 -- Twisted's name
        """Keep a part of the body; what goes beyond the limit is refused, and what came is dropped."""
        self._received += len(data)
        if not self._refused and self._received > self._limit():
            self._refuse()
        if not self._refused:
            super().handleContentChunk(data)

    def process(self) -> Any:
        """A refused request reaches nobody."""
        return None if self._refused else super().process()

    def handle_reply(self, message: dict[str, Any]) -> None:
        """Let the transport stop us while it is full, from the first part of an answer in parts on."""
        body = message["type"] == "http.response.body"
        if body and message.get("more_body") and self.gate is None and self.channel and not self.finished:
            self.gate = Gate()
            self.registerProducer(self.gate, True)
        elif body and not message.get("more_body") and self.gate is not None and self.channel:
            self.unregisterProducer()
            self.gate = None
        super().handle_reply(message)

    def _limit(self) -> int:
        path = bytes(self.channel._path or b"")  # noqa: SLF001 -- told to requests only when their body is whole
        return body_limit(path.decode("latin1").split("?", 1)[0])

    def _refuse(self) -> None:
        self._refused = True
        self.content.close()
        self.channel.transport.write(REFUSAL)
        self.channel.transport.loseConnection()
