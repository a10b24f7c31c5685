"""Long answers under ASGI: read on threads of their own, piece by piece, as fast as the client takes them."""

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import structlog
from django.conf import settings
from django.db import connections
from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _

from emobility.lib.errors import TooMany

log = structlog.get_logger(__name__)

STALL_SECONDS: Final = 60.0
"""A client that takes nothing for so long loses its answer: its query holds a connection of the pool."""
BUSY_SECONDS: Final = 30
_END: Final = object()


class Places:
    """The few long answers that one process gives at once: at most half of them to one owner."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken: Counter[str] = Counter()

    def take(self, owner: str) -> None:
        """Take one. Raises TooMany where none is left."""
        most = settings.EXPORT_STREAMS
        with self._lock:
            if self._taken.total() >= most or self._taken[owner] >= max(1, most // 2):
                raise TooMany(_("Too many exports run at this moment."), retry_after=BUSY_SECONDS)
            self._taken[owner] += 1

    def give_back(self, owner: str) -> None:
        """The answer is over."""
        with self._lock:
            self._taken[owner] -= 1
            self._taken += Counter()

    @property
    def taken(self) -> int:
        """How many are under way."""
        return self._taken.total()


places = Places()


class Stalled(ConnectionError):
    """The client took nothing for too long."""


class StreamedResponse(StreamingHttpResponse):
    """An answer whose pieces `pieces()` makes, on one thread of its own where a server speaks ASGI.

    Raises TooMany where all places are taken. `pieces` is called with the first piece that is asked for.
    """

    def __init__(self, pieces: Callable[[], Iterator[bytes]], *, owner: str = "", **options: Any) -> None:
        places.take(owner)
        self._owner: str | None = owner
        self._pieces = pieces
        super().__init__(_lazily(pieces), **options)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """The pieces, each made when the one before has been taken."""
        stream = _Stream(self._pieces)
        try:
            while (piece := await stream.next()) is not None:
                yield piece
        finally:
            await stream.end()

    def close(self) -> None:
        """Give the place back; Django calls it in any case."""
        owner, self._owner = self._owner, None
        if owner is not None:
            places.give_back(owner)
        super().close()


def _lazily(pieces: Callable[[], Iterator[bytes]]) -> Iterator[bytes]:
    yield from pieces()


class _Stream:
    """The thread of one answer: database connections belong to threads, so all is done on the same one."""

    def __init__(self, pieces: Callable[[], Iterator[bytes]]) -> None:
        self._pieces = _lazily(pieces)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="stream")
        self._watch: asyncio.TimerHandle | None = None
        self._over = self._stalled = False

    async def next(self) -> bytes | None:
        """The next piece; None at the end. Raises Stalled where it was waited for too long."""
        if self._watch is not None:
            self._watch.cancel()
        if self._stalled:
            raise Stalled("The client took nothing for too long.")
        loop = asyncio.get_running_loop()
        piece = await loop.run_in_executor(self._thread, next, self._pieces, _END)
        self._watch = loop.call_later(STALL_SECONDS, self._give_up)
        return None if piece is _END else piece  # type: ignore[return-value]

    async def end(self) -> None:
        """End the query, whoever still waits for it: also where this task was cancelled."""
        if self._watch is not None:
            self._watch.cancel()
        self._close()

    def _give_up(self) -> None:
        log.info("stream.stalled", seconds=STALL_SECONDS)
        self._stalled = True
        self._close()

    def _close(self) -> None:
        if not self._over:
            self._over = True
            self._thread.submit(self._finish)
            self._thread.shutdown(wait=False)

    def _finish(self) -> None:
        """On the thread: the generator ends its transaction, the connection goes back to the pool."""
        self._pieces.close()  # type: ignore[attr-defined]
        connections.close_all()
