"""Those who wait for the end of an order: woken by the bell of any process, by a sweep where it was lost.

A waiter is a future of the event loop; all waiters of a process share one look at the database.
"""

import asyncio
from contextlib import suppress
from functools import partial
from typing import Any, Final
from weakref import WeakKeyDictionary

import structlog

from central.consumers.layer import follow
from central.ocpp import batch
from central.selectors.live import orders_under_way

log = structlog.get_logger(__name__)

GROUP: Final = "finished_commands"
SWEEP_SECONDS: Final = 2.0


class Waiters:
    """The waiters of one event loop, by command."""

    def __init__(self) -> None:
        self._futures: dict[int, set[asyncio.Future[None]]] = {}
        self._bell = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def ended(self, command_id: int, seconds: float) -> bool:
        """Wait until the order (all its parts) has ended; False where `seconds` went by before."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._futures.setdefault(command_id, set()).add(future)
        if not self._tasks:
            self._tasks = [
                asyncio.create_task(follow(GROUP, "finished", self._heard)),
                asyncio.create_task(self._watch()),
            ]
        self._bell.set()
        try:
            async with asyncio.timeout(seconds):
                await future
        except TimeoutError:
            return False
        finally:
            self._leave(command_id, future)
        return True

    def _leave(self, command_id: int, future: "asyncio.Future[None]") -> None:
        left = self._futures.get(command_id, set())
        left.discard(future)
        if not left:
            self._futures.pop(command_id, None)

    async def _heard(self, _: dict[str, Any]) -> None:
        """Something has ended somewhere: who waits here looks."""
        if self._futures:
            self._bell.set()

    async def _watch(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(SWEEP_SECONDS if self._futures else None):
                    await self._bell.wait()
            self._bell.clear()
            try:
                await self._look()
            except Exception as error:  # noqa: BLE001 -- the database may be away; the next sweep asks again
                log.warning("ocpp.waiting_failed", error=repr(error)[:200])
                await asyncio.sleep(SWEEP_SECONDS)

    async def _look(self) -> None:
        ids = list(self._futures)
        if not ids:
            return
        open_ = await batch.run_reading(partial(orders_under_way, ids))
        for command_id in ids:
            if command_id not in open_:
                for future in self._futures.get(command_id, ()):
                    if not future.done():
                        future.set_result(None)


_waiters: WeakKeyDictionary[asyncio.AbstractEventLoop, Waiters] = WeakKeyDictionary()


async def order_ended(command_id: int, seconds: float) -> bool:
    """Wait on the running loop until the order has ended; False where `seconds` went by before."""
    loop = asyncio.get_running_loop()
    found = _waiters.get(loop)
    if found is None:
        found = _waiters[loop] = Waiters()
    return await found.ended(command_id, seconds)
