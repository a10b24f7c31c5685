"""How the parts of an installation are: each with its state and the age of what proves it.

Asking costs time and may hang, so an answer is kept for some seconds, and nobody waits for longer than a
moment. What is told names no host and no error text: the log has those.
"""

import asyncio
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

import structlog
from celery import current_app
from channels.layers import get_channel_layer
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from kombu.exceptions import ChannelError
from psycopg_pool import PoolTimeout

from emobility.lib.metrics import Fact, Labels, facts
from registry.models import Heartbeat
from registry.services.heartbeats import SCHEDULER, WORKER

log = structlog.get_logger(__name__)

OK, LATE, DOWN, UNKNOWN, LOW = "ok", "late", "down", "unknown", "low"
KEPT_SECONDS: Final = 5.0
WAIT_SECONDS: Final = 2
LATE_SECONDS: Final = 60.0
"""Worker and scheduler give a sign of life every 15 seconds."""
PARTS: Final = ("database", "layer", "broker", "worker", "beat", "disk")


@dataclass(frozen=True, slots=True)
class State:
    """One part: its state, seconds since what proves it (None: never seen), and a figure for people."""

    state: str
    age_seconds: float | None
    detail: str = ""

    @property
    def works(self) -> bool:
        """True where nobody needs to look."""
        return self.state == OK


def states(now: datetime) -> dict[str, State]:
    """All parts."""
    return {
        "database": _kept("database", _database),
        "layer": _kept("layer", _layer),
        "broker": _kept("broker", _broker),
        **_signs_of_life(now),
        "disk": _disk(),
    }


def database_answers() -> bool:
    """True where the database answers a question."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, InterfaceError, PoolTimeout):
        return False
    return True


_migrated = threading.Event()


def database_is_migrated() -> bool:
    """True where the database has the tables that this version needs; once true it is not asked again."""
    if not _migrated.is_set():
        try:
            executor = MigrationExecutor(connection)
            if executor.migration_plan(executor.loader.graph.leaf_nodes()):
                return False
        except (DatabaseError, InterfaceError, PoolTimeout):
            return False
        _migrated.set()
    return True


# --- answers that are kept ------------------------------------------------------------------------


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(4, thread_name_prefix="checks")


class _Kept:
    """The latest answer of one check, and the one under way."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.at = -KEPT_SECONDS
        self.state = State(UNKNOWN, None)
        self.under_way: Future[State] | None = None


_answers: dict[str, _Kept] = {name: _Kept() for name in PARTS}


def _kept(name: str, check: Callable[[], State]) -> State:
    kept = _answers[name]
    with kept.lock:
        age = time.monotonic() - kept.at
        if age < KEPT_SECONDS:
            return State(kept.state.state, round(age, 1), kept.state.detail)
        if kept.under_way is None:
            kept.under_way = _threads().submit(check)
        try:
            kept.state = kept.under_way.result(timeout=WAIT_SECONDS)
        except TimeoutError:
            return State(DOWN, round(age, 1) if kept.at > 0 else None, "no answer")
        except Exception as error:  # noqa: BLE001 -- every broker and layer has its own errors
            log.warning("status.check_failed", part=name, error=repr(error)[:200])
            kept.state = State(DOWN, 0.0)
        kept.under_way, kept.at = None, time.monotonic()
        return State(kept.state.state, 0.0, kept.state.detail)


def states_forget() -> None:
    """Ask everything again."""
    for kept in _answers.values():
        kept.at = -KEPT_SECONDS


def _database() -> State:
    try:
        return State(OK if database_answers() else DOWN, 0.0, connection.vendor)
    finally:
        connection.close()


def _layer() -> State:
    layer: Any = get_channel_layer()
    if layer is None or not settings.REDIS_URL:
        return State(OK, 0.0, "in process")
    asyncio.run(_ring(layer))
    return State(OK, 0.0)


async def _ring(layer: Any) -> None:
    """What nobody hears still has to reach the layer's server."""
    async with asyncio.timeout(WAIT_SECONDS):
        await layer.group_send("status", {"type": "status.ring"})


def _broker() -> State:
    return State(OK, 0.0, f"{_waiting_tasks()} tasks wait")


def _waiting_tasks() -> int:
    """Tasks that wait for a worker. Raises an error of the broker's own."""
    with current_app.connection_for_write(connect_timeout=WAIT_SECONDS) as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, timeout=WAIT_SECONDS)
        queue = current_app.conf.task_default_queue
        channel: Any = broker.default_channel
        try:
            declared = channel.queue_declare(queue, passive=True)
        except ChannelError:
            # The broker answers that there is no such queue: Redis keeps none that is empty.
            return 0
        return int(declared.message_count)


@facts("part_up", "part_age_seconds")
def parts() -> Iterator[Fact]:
    """The same for Prometheus."""
    found = states(timezone.now())
    up: list[tuple[Labels, float]] = [((name,), float(state.works)) for name, state in found.items()]
    ages: list[tuple[Labels, float]] = [
        ((name,), state.age_seconds) for name, state in found.items() if state.age_seconds is not None
    ]
    yield Fact("part_up", "1 where a part of the installation works", ("part",), up)
    yield Fact("part_age_seconds", "Seconds since what proves a part", ("part",), ages)


def _signs_of_life(now: datetime) -> dict[str, State]:
    try:
        seen = dict(Heartbeat.objects.values_list("name", "at"))
    except (DatabaseError, InterfaceError, PoolTimeout):
        return {name: State(UNKNOWN, None) for name in (WORKER, SCHEDULER)}
    return {name: _sign(seen.get(name), now) for name in (WORKER, SCHEDULER)}


def _sign(at: datetime | None, now: datetime) -> State:
    if at is None:
        return State(UNKNOWN, None, "never seen")
    age = max(0.0, (now - at).total_seconds())
    return State(OK if age < LATE_SECONDS else LATE, round(age, 1))


def _disk() -> State:
    usage = shutil.disk_usage(settings.VAR_DIR)
    free = 100 * usage.free / usage.total
    return State(OK if free >= settings.STATUS_DISK_PERCENT else LOW, 0.0, f"{free:.0f} % free")
