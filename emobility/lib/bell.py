"""The bell: tells others after commit that a row changed. A lost ring costs seconds, never data.

Signals and channel-layer messages leave on one background thread, so that neither a slow receiver nor a
vanished broker ever delays the transaction that rang. Equal rings that still wait are sent once. Who hears
of the same things many times a second gathers them and works on all of them at once (`gathers`).
"""

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Collection, Hashable, Iterable, Set
from functools import partial
from typing import Any

import structlog
from channels.layers import get_channel_layer
from django.db import InterfaceError, OperationalError, connection, transaction
from django.dispatch import Signal
from redis.exceptions import RedisError

from emobility.lib.crash import crash_point

log = structlog.get_logger(__name__)

OUTAGES = (RedisError, OSError, TimeoutError, OperationalError, InterfaceError)
"""What comes and goes by itself: one line each TELL_SECONDS, for a ring is rung many times a second."""
TELL_SECONDS = 10.0

_jobs: queue.Queue[Hashable] = queue.Queue()
_waiting: dict[Hashable, Callable[[], None]] = {}
_lock = threading.Lock()
_worker: threading.Thread | None = None
_home: asyncio.AbstractEventLoop | None = None


def after_commit(signal: Signal, **ids: Any) -> None:
    """Send `signal` with `ids` once the current transaction is committed (at once outside of one)."""
    if signal.receivers or signal in _gathering:
        transaction.on_commit(lambda: _ring(signal, ids))


def after_commit_each(signal: Signal, argument: str, values: Collection[int]) -> None:
    """Send `signal` for each of `values`, which `argument` names: many times `after_commit` for one."""
    if values and (signal.receivers or signal in _gathering):
        transaction.on_commit(lambda: _ring_each(signal, argument, values))


def gathers(
    signals: Iterable[Signal], argument: str, seconds: float
) -> Callable[[Callable[[Set[int]], None]], "Gather"]:
    """Have a function hear of `signals` together: a set of all values of `argument` in some seconds."""

    def register(handle: Callable[[Set[int]], None]) -> Gather:
        gather = Gather(handle, seconds)
        for signal in signals:
            _gathering.setdefault(signal, []).append((argument, gather))
        return gather

    return register


def publish(group: str, message: dict[str, Any]) -> None:
    """Send `message` to a channel-layer group from any thread; trouble is logged and forgotten."""
    key = (group, repr(sorted(message.items())))
    _enqueue(key, lambda: _send_group(group, message))


def publish_after_commit(group: str, message: dict[str, Any]) -> None:
    """Like `publish`, once the current transaction is committed."""
    transaction.on_commit(lambda: publish(group, message))


def use_loop(loop: asyncio.AbstractEventLoop) -> None:
    """Name the server's event loop: an in-memory layer delivers at once only from there."""
    global _home  # noqa: PLW0603 -- one server loop per process, set once when it starts
    _home = loop


def drain(timeout: float = 10.0) -> bool:
    """Wait until everything rung so far was heard; False where that took longer than `timeout` seconds."""
    if not _drain_queue(timeout):
        return False
    for gather in _gathers:
        gather.flush()
    return _drain_queue(timeout)


class Gather:
    """Collects ids for some seconds, then hands all of them to `handle` on the bell thread."""

    def __init__(self, handle: Callable[[Set[int]], None], seconds: float) -> None:
        self._handle, self._seconds = handle, seconds
        self._lock = threading.Lock()
        self._ids: set[int] = set()
        self._timer: threading.Timer | None = None
        _gathers.append(self)

    def add(self, *keys: int) -> None:
        """Note ids; the first note starts the clock."""
        with self._lock:
            self._ids.update(keys)
            if self._timer is None:
                self._timer = threading.Timer(self._seconds, self.flush)
                self._timer.daemon = True
                self._timer.start()

    def flush(self) -> None:
        """Hand over what was noted so far."""
        with self._lock:
            ids, self._ids = self._ids, set()
            timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()
        if ids:
            _enqueue((object(),), lambda: self._handle(ids))


_gathers: list[Gather] = []
_gathering: dict[Signal, list[tuple[str, Gather]]] = {}


def _ring(signal: Signal, ids: dict[str, Any]) -> None:
    for argument, gather in _gathering.get(signal, ()):
        gather.add(ids[argument])
    if signal.receivers:
        _enqueue((id(signal), *sorted(ids.items())), lambda: _send_signal(signal, ids))


def _ring_each(signal: Signal, argument: str, values: Collection[int]) -> None:
    for name, gather in _gathering.get(signal, ()):
        if name == argument:
            gather.add(*values)
    if signal.receivers:
        for value in values:
            ids = {argument: value}
            _enqueue((id(signal), *ids.items()), partial(_send_signal, signal, ids))


def _drain_queue(timeout: float) -> bool:
    done = threading.Event()
    _enqueue((object(),), done.set)
    return done.wait(timeout)


def _enqueue(key: Hashable, job: Callable[[], None]) -> None:
    with _lock:
        fresh = key not in _waiting
        _waiting[key] = job
        if fresh:
            _jobs.put(key)
        _ensure_worker()


def _ensure_worker() -> None:
    global _worker  # noqa: PLW0603 -- the one thread of this process
    if _worker is None or not _worker.is_alive():
        _worker = threading.Thread(target=_run, name="bell", daemon=True)
        _worker.start()


def _run() -> None:
    while True:
        key = _jobs.get()
        with _lock:
            job = _waiting.pop(key)
        crash_point("before_bell")
        try:
            job()
            crash_point("after_bell")
        except OUTAGES as error:
            _tell_outage(error)
            connection.close()
        except Exception:
            log.exception("bell.failed")
            connection.close()
        finally:
            if _jobs.empty():
                connection.close()


def _send_signal(signal: Signal, ids: dict[str, Any]) -> None:
    for receiver, outcome in signal.send_robust(sender=None, **ids):
        if isinstance(outcome, OUTAGES):
            connection.close()
            _tell_outage(outcome)
        elif isinstance(outcome, Exception):
            connection.close()
            log.error("bell.receiver_failed", receiver=str(receiver), ids=ids, exc_info=outcome)


_told_at = -TELL_SECONDS


def _tell_outage(error: Exception) -> None:
    """On the bell thread only."""
    global _told_at  # noqa: PLW0603 -- one bell per process
    if time.monotonic() - _told_at >= TELL_SECONDS:
        _told_at = time.monotonic()
        log.warning("bell.outage", error=repr(error)[:200])


def _send_group(group: str, message: dict[str, Any]) -> None:
    layer = get_channel_layer()
    if layer is None:
        return
    if _home is not None and _home.is_running():
        future = asyncio.run_coroutine_threadsafe(layer.group_send(group, message), _home)
        future.result(timeout=5)
    else:
        asyncio.run(layer.group_send(group, message))
