"""A round: number what is new, hand it to the sinks and webhooks, note what came of it.

The database is touched by the caller's thread alone; the threads of the round only send. So a receiver that
takes its time holds a thread and nothing else: slow ones together get at most half of them.
"""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from emobility.lib.outlets import turn_begin, turn_end, turn_renew
from registry.models import EventReader, WebhookDelivery
from registry.models.event import ROUND
from registry.services.event_numbers import events_number, events_wait
from registry.services.event_sinks import sink_publish, sink_settle, sink_take, sinks_active, sinks_wait
from registry.services.webhook_deliveries import (
    SLOW_MS,
    deliveries_claim,
    deliveries_fan_out,
    deliveries_wait,
    delivery_settle,
)
from registry.services.webhook_requests import letter_send, letter_write

THREADS: Final = 32
LEASE: Final = timedelta(seconds=15)
Settle = Callable[[Any, datetime], None]

_ending = threading.Event()


class Round:
    """Work under way, and the threads that do it."""

    def __init__(self, threads: int = THREADS) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="events")
        self._threads = threads
        self._running: dict[Future[Any], Settle] = {}
        self._busy: Counter[int] = Counter()
        self._slow = 0
        self._sinks: set[str] = set()

    @property
    def is_busy(self) -> bool:
        """True while something is under way."""
        return bool(self._running)

    def step(self, now: datetime, *, slow: bool = True) -> int:
        """Start what is due; how much was found to do. Without `slow`, slow receivers are left for later."""
        found = events_number() + deliveries_fan_out(now=now)
        return found + self._start_sinks(now) + self._start_deliveries(now, slow=slow)

    def collect(self, now: datetime, seconds: float) -> None:
        """Wait up to so many seconds for something to end, and note what came of it."""
        done, _ = wait(self._running, timeout=seconds, return_when=FIRST_COMPLETED)
        for future in done:
            self._running.pop(future)(future.result(), now)

    def close(self) -> None:
        """Give the threads back; what is still under way is settled by whoever claims it next."""
        self._pool.shutdown(wait=False)

    def _start_sinks(self, now: datetime) -> int:
        started = 0
        for sink in sinks_active():
            batch = None if sink in self._sinks else sink_take(sink=sink, now=now)
            if batch is not None:
                self._sinks.add(sink)
                self._running[self._pool.submit(sink_publish, batch)] = partial(self._sink_done, batch)
                started += 1
        return started

    def _sink_done(self, batch: Any, error: str, now: datetime) -> None:
        self._sinks.discard(batch.sink)
        sink_settle(batch=batch, error=error, now=now)

    def _start_deliveries(self, now: datetime, *, slow: bool) -> int:
        free = self._threads - len(self._running)
        if free <= 0:
            return 0
        room = self._threads // 2 - self._slow if slow else 0
        claimed = deliveries_claim(busy=self._busy, free=free, free_slow=max(room, 0), now=now)
        for delivery in claimed:
            self._start(delivery, now)
        return len(claimed)

    def _start(self, delivery: WebhookDelivery, now: datetime) -> None:
        is_slow = delivery.endpoint.latency_ms > SLOW_MS
        self._busy[delivery.endpoint_id] += 1
        self._slow += is_slow
        letter = letter_write(endpoint=delivery.endpoint, event=delivery.event, now=now)
        done = partial(self._delivery_done, delivery, is_slow)
        self._running[self._pool.submit(letter_send, letter)] = done

    def _delivery_done(self, delivery: WebhookDelivery, is_slow: bool, outcome: Any, now: datetime) -> None:
        self._busy[delivery.endpoint_id] -= 1
        self._slow -= is_slow
        delivery_settle(delivery=delivery, outcome=outcome, now=now)


def round_needed(*, now: datetime) -> bool:
    """True where a round would find something to do: it looks, and writes nothing."""
    return events_wait() or deliveries_wait(now=now) or sinks_wait(now=now)


def round_begin(*, now: datetime) -> bool:
    """Be the one that goes round; others stand by. A killed one's turn is over after LEASE."""
    EventReader.objects.get_or_create(name=ROUND)
    return not _ending.is_set() and turn_begin(_row(), LEASE, now)


def round_renew(*, now: datetime) -> None:
    """Stay the one."""
    turn_renew(_row(), LEASE, now)


def round_end() -> None:
    """Let another go round."""
    turn_end(_row())


def rounds_start() -> None:
    """The process works: a round may begin."""
    _ending.clear()


def rounds_end() -> None:
    """The process ends: take nothing more."""
    _ending.set()


def rounds_ending() -> bool:
    """True where the process ends."""
    return _ending.is_set()


def _row() -> Any:
    return EventReader.objects.filter(name=ROUND)
