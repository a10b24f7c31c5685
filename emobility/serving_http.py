"""daphne's HTTP requests with two bounds: answers wait for slow readers, bodies end at their limit."""

import asyncio
from typing import Any

from daphne.http_protocol import WebRequest
from django.conf import settings
from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

from emobility.bodies import body_limit, file_limit, wide_limit

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
    _limit = 0
    _asking: asyncio.Task[None] | None = None

    def gotLength(self, length: int | None) -> None:  # noqa: N802 -- Twisted's name
        """The declared length, None for chunks: more than the limit is refused before it is read.

        Who brings a file is asked for first; nothing is read from the connection meanwhile.
        """
        super().gotLength(length)
        wide = file_limit(self._path())
        self._limit = body_limit() if wide is None else wide
        if length is not None and length > self._limit:
            self._refuse()
        elif wide is not None and (length is None or length > settings.FILE_UPLOAD_MAX_MEMORY_SIZE):
            self._limit = settings.FILE_UPLOAD_MAX_MEMORY_SIZE
            self.channel._networkProducer.pauseProducing()  # noqa: SLF001 -- there is no other way
            self._asking = asyncio.ensure_future(self._ask(length))

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802 -- Twisted's name
        """Keep a part of the body; what goes beyond the limit is refused, and what came is dropped."""
        self._received += len(data)
        if not self._refused and self._received > self._limit:
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

    async def _ask(self, length: int | None) -> None:
        """Set the limit that holds for who asks, and go on reading."""
        headers = [
            (name.lower(), value)
            for name, values in self.requestHeaders.getAllRawHeaders()
            for value in values
        ]
        method = bytes(self.channel._command).decode("latin1")  # noqa: SLF001 -- as the path
        scope = {"type": "http", "method": method, "path": self._path(), "headers": headers}
        self._limit = await wide_limit(scope)
        channel = self.channel
        if channel is None or self._refused:
            return
        if length is not None and length > self._limit:
            self._refuse()
        elif not channel._handlingRequest:  # noqa: SLF001 -- it goes on by itself then
            channel._networkProducer.resumeProducing()  # noqa: SLF001

    def _path(self) -> str:
        path = bytes(self.channel._path or b"")  # noqa: SLF001 -- told to requests only when their body is whole
        return path.decode("latin1").split("?", 1)[0]

    def _refuse(self) -> None:
        self._refused = True
        self.content.close()
        self.channel.transport.write(REFUSAL)
        self.channel.transport.loseConnection()
