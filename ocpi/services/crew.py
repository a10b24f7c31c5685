"""Threads that each serve one partner for a while, so that one who takes its time delays no other.

Who was slow lately is remembered by the process: slow partners together get at most half of the threads, and
one each.
"""

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Final

import structlog
from django.db import connection

log = structlog.get_logger(__name__)

THREADS: Final = 16
SLOW_SECONDS: Final = 1.5

_slowest: dict[int, float] = {}
"""Seconds of the slowest request of a partner's last turn, by its key."""


class Watch:
    """Times the requests of one turn."""

    def __init__(self) -> None:
        self.slowest = 0.0

    def time(self, step: Callable[[], bool]) -> bool:
        """Make one step of the work; answers what it answers."""
        begun = time.monotonic()
        try:
            return step()
        finally:
            self.slowest = max(self.slowest, time.monotonic() - begun)

    @property
    def is_slow(self) -> bool:
        """True where a step took so long that others may be waiting."""
        return self.slowest > SLOW_SECONDS


class Crew:
    """Threads, and who they serve. One thread of the caller starts and collects."""

    def __init__(self, threads: int = THREADS) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="ocpi")
        self._threads = threads
        self._running: dict[Future[None], int] = {}
        self._busy: Counter[int] = Counter()

    @property
    def is_busy(self) -> bool:
        """True while somebody is served."""
        return bool(self._running)

    def room(self, partner_id: int, most: int) -> int:
        """How many threads more may serve this partner, which may have `most`."""
        free = self._threads - len(self._running)
        if _is_slow(partner_id):
            slow = sum(count for key, count in self._busy.items() if _is_slow(key))
            free, most = min(free, self._threads // 2 - slow), 1
        return max(0, min(free, most - self._busy[partner_id]))

    def serves(self, partner_id: int) -> bool:
        """True while threads serve this partner."""
        return self._busy[partner_id] > 0

    def start(self, partner_id: int, turn: Callable[[Watch], None]) -> None:
        """Serve a partner; `turn` times each of its requests by the Watch that it is given."""
        self._busy[partner_id] += 1
        self._running[self._pool.submit(_take, partner_id, turn)] = partner_id

    def collect(self, seconds: float) -> list[int]:
        """Wait up to so many seconds for a turn to end; answers the partners that nobody serves any more."""
        done, _ = wait(self._running, timeout=seconds, return_when=FIRST_COMPLETED)
        ended = []
        for future in done:
            partner_id = self._running.pop(future)
            self._busy[partner_id] -= 1
            if error := future.exception():
                log.error("ocpi.turn_failed", partner_id=partner_id, exc_info=error)
            if not self._busy[partner_id]:
                ended.append(partner_id)
        return ended

    def close(self) -> None:
        """Give the threads back; whoever is still served is finished with first."""
        self._pool.shutdown(wait=True)


def _is_slow(partner_id: int) -> bool:
    return _slowest.get(partner_id, 0.0) > SLOW_SECONDS


def _take(partner_id: int, turn: Callable[[Watch], None]) -> None:
    watch = Watch()
    try:
        turn(watch)
    finally:
        _slowest[partner_id] = watch.slowest
        connection.close()
