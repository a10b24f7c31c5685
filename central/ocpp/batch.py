"""The crossing from the event loop to the database: group commit on an executor of our own.

Messages that arrive within a few milliseconds, on all connections of the process, cross together. A job's
`done` is called on the event loop after its transaction ended, never before. Jobs of one charge point are
served one after the other as they came, whichever connection brought them.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Final, TypeVar
from weakref import WeakKeyDictionary

import structlog
from django.db import InterfaceError, OperationalError, connection

from central.ocpp.execution import Job, run_alone, run_together
from central.ocpp.figures import ALONE, TOGETHER, batch_count
from emobility.lib.crash import crash_point

log = structlog.get_logger(__name__)

GATHER_SECONDS: Final = 0.002
BUSY_GATHER_SECONDS: Final = 0.01
"""After a large batch more is on its way: its fixed cost is then shared by more messages."""
BUSY_BATCH: Final = 16
BATCH_LIMIT: Final = 512
HOP_LIMIT: Final = 8
T = TypeVar("T")


@cache
def _writers() -> ThreadPoolExecutor:
    """SQLite takes one writer at a time; on PostgreSQL a part of the pool, the rest is for other requests."""
    return ThreadPoolExecutor(_writer_count(), thread_name_prefix="ocpp-write")


@cache
def _writer_count() -> int:
    if connection.vendor != "postgresql":
        return 1
    pool = connection.settings_dict["OPTIONS"].get("pool")
    size = pool.get("max_size", 4) if isinstance(pool, dict) else 4
    return max(2, min(4, int(size) // 2))


@cache
def _readers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(2, thread_name_prefix="ocpp-read")


async def run(function: Callable[[], T], *, repeatable: bool = False) -> T:
    """Run a sync function that writes to the database on a writer thread.

    `repeatable`: it comes to the same when it is run twice, so a connection that broke costs nobody an error.
    """
    return await asyncio.get_running_loop().run_in_executor(_writers(), _healthy, function, repeatable)


async def run_reading(function: Callable[[], T], *, repeatable: bool = True) -> T:
    """Run a sync function that only reads on a thread where no writer is waited for."""
    return await asyncio.get_running_loop().run_in_executor(_readers(), _healthy, function, repeatable)


def _healthy(function: Callable[[], T], repeatable: bool) -> T:
    try:
        return function()
    except (OperationalError, InterfaceError):
        connection.close()
        if not repeatable:
            raise
    return function()


class Batcher:
    """The crossing of one event loop. Two lanes: what may share a transaction, and what needs its own."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._together: list[Job] = []
        self._alone: deque[Job] = deque()
        self._batch_under_way = False
        self._gathering = False
        self._gather_seconds = GATHER_SECONDS
        self._served: set[int] = set()
        self._behind: dict[int, deque[Job]] = {}
        self._free_hops = max(1, _writer_count() - 1)

    def submit(self, job: Job) -> None:
        """Take a job; its `done(job)` is called on the loop once its transaction ended."""
        crash_point("received")
        charge_point_id = job.context.charge_point_id
        if charge_point_id in self._served:
            self._behind.setdefault(charge_point_id, deque()).append(job)
        else:
            self._served.add(charge_point_id)
            self._start(job)

    def _start(self, job: Job) -> None:
        if job.together:
            self._together.append(job)
            self._gather()
        else:
            self._alone.append(job)
            self._hop()

    def _gather(self) -> None:
        if not self._gathering and not self._batch_under_way:
            self._gathering = True
            self._loop.call_later(self._gather_seconds, self._flush)

    def _flush(self) -> None:
        self._gathering = False
        jobs, self._together = self._together[:BATCH_LIMIT], self._together[BATCH_LIMIT:]
        if jobs:
            self._batch_under_way = True
            _writers().submit(self._cross, run_together, jobs, self._batch_done)

    def _hop(self) -> None:
        while self._alone and self._free_hops:
            self._free_hops -= 1
            share = -(-len(self._alone) // (self._free_hops + 1))
            jobs = [self._alone.popleft() for _ in range(min(HOP_LIMIT, share))]
            _writers().submit(self._cross, run_alone, jobs, self._hop_done)

    def _cross(
        self, work: Callable[[list[Job]], None], jobs: list[Job], done: Callable[[list[Job]], None]
    ) -> None:
        """On a worker thread: do the work, hand the jobs back to the loop, count them."""
        work(jobs)
        try:
            self._loop.call_soon_threadsafe(done, jobs)
        except RuntimeError:
            log.warning("ocpp.loop_gone", messages=len(jobs))
        batch_count(jobs, TOGETHER if work is run_together else ALONE)

    def _batch_done(self, jobs: list[Job]) -> None:
        self._batch_under_way = False
        self._gather_seconds = BUSY_GATHER_SECONDS if len(jobs) >= BUSY_BATCH else GATHER_SECONDS
        if self._together:
            self._gather()
        self._deliver(jobs)

    def _hop_done(self, jobs: list[Job]) -> None:
        self._free_hops += 1
        self._hop()
        self._deliver(jobs)

    def _deliver(self, jobs: list[Job]) -> None:
        for job in jobs:
            self._next(job.context.charge_point_id)
            try:
                job.done(job)
            except Exception:
                log.exception("ocpp.delivery_failed", charge_point=job.context.cp_id)

    def _next(self, charge_point_id: int) -> None:
        """Start what waits behind a job that was served, of the same charge point."""
        waiting = self._behind.get(charge_point_id)
        if not waiting:
            self._served.discard(charge_point_id)
            return
        self._start(waiting.popleft())
        if not waiting:
            del self._behind[charge_point_id]


_batchers: WeakKeyDictionary[asyncio.AbstractEventLoop, Batcher] = WeakKeyDictionary()


def batcher() -> Batcher:
    """The crossing of the running event loop."""
    loop = asyncio.get_running_loop()
    found = _batchers.get(loop)
    if found is None:
        found = _batchers[loop] = Batcher(loop)
    return found
