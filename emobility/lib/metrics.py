"""Metrics for Prometheus: counters of all processes of a machine, and facts that are counted at a scrape.

Counters and histograms live in files, one for each process (METRICS_DIR), so that a scrape of any process
answers for all. They always have labels: a process that counts nothing makes no file. What the database
knows is never counted along: it is asked when somebody scrapes, and the answer is kept for some seconds.
"""

import collections
import os
import threading
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import structlog
from django.db import DatabaseError, InterfaceError, connection
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from psycopg_pool import PoolTimeout

log = structlog.get_logger(__name__)

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
FLUSH_SECONDS: Final = 1.0
FACTS_SECONDS: float = 10.0
"""So long facts of the database are kept: several scrapers cost one reading."""
PREFIX: Final = "emobility_"
DATABASE_UP: Final = f"{PREFIX}database_up"
Labels = tuple[str, ...]


@dataclass(slots=True)
class Fact:
    """A gauge: its name without prefix, what it means, the names of its labels, and values by labels."""

    name: str
    help: str
    labels: Labels = ()
    values: list[tuple[Labels, float]] = field(default_factory=list)


Facts = Callable[[], Iterable[Fact]]
_facts: list[Facts] = []
NAMES: Final[set[str]] = {DATABASE_UP}
"""Every metric that there is, as alerts and dashboards may name it."""


def facts(*names: str) -> Callable[[Facts], Facts]:
    """Have a function asked at a scrape for the facts `names`, by few and bounded queries."""

    def register(function: Facts) -> Facts:
        _facts.append(function)
        NAMES.update(PREFIX + name for name in names)
        return function

    return register


def counter(name: str, meaning: str, labels: Sequence[str]) -> Counter:
    """A counter `emobility_<name>_total`."""
    NAMES.add(f"{PREFIX}{name}_total")
    return Counter(PREFIX + name, meaning, labels, registry=None)


def gauge(name: str, meaning: str, labels: Sequence[str]) -> Gauge:
    """A gauge of living processes, added up."""
    NAMES.add(PREFIX + name)
    return Gauge(PREFIX + name, meaning, labels, registry=None, multiprocess_mode="livesum")


def histogram(name: str, meaning: str, labels: Sequence[str], buckets: Sequence[float]) -> Histogram:
    """A histogram with fixed buckets."""
    NAMES.update(f"{PREFIX}{name}_{part}" for part in ("bucket", "count", "sum"))
    return Histogram(PREFIX + name, meaning, labels, registry=None, buckets=buckets)


class Tally:
    """Takes many small counts quickly, from any thread, and hands them to Prometheus each second."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[Counter, collections.Counter[Labels]] = defaultdict(collections.Counter)
        self._seen: dict[tuple[Histogram, Labels], list[float]] = defaultdict(list)
        self._timer_of = 0

    def add(
        self,
        counted: Counter,
        labels: Iterable[Labels],
        observed: Sequence[tuple[Histogram, Labels, float]] = (),
    ) -> None:
        """Count one for each of `labels`; note what was observed beside."""
        with self._lock:
            self._counts[counted].update(labels)
            for histogram_, names, value in observed:
                self._seen[histogram_, names].append(value)
            # A child of a forking worker has no timer of its own yet.
            if self._timer_of != os.getpid():
                self._timer_of = os.getpid()
                timer = threading.Timer(FLUSH_SECONDS, self.flush)
                timer.daemon = True
                timer.start()

    def flush(self) -> None:
        """Hand over what was counted."""
        with self._lock:
            counts, self._counts = self._counts, defaultdict(collections.Counter)
            seen, self._seen = self._seen, defaultdict(list)
            self._timer_of = 0
        for counted, numbers in counts.items():
            for names, number in numbers.items():
                counted.labels(*names).inc(number)
        for (histogram_, labels), values in seen.items():
            _observe(histogram_.labels(*labels), values)


tally = Tally()


def _observe(child: Any, values: list[float]) -> None:
    """What `observe` does, for many at once: its buckets are the client's own, and it has no such call."""
    sums: dict[int, int] = defaultdict(int)
    for value in values:
        sums[bisect_left(child._upper_bounds, value)] += 1  # noqa: SLF001
    child._sum.inc(sum(values))  # noqa: SLF001
    for place, number in sums.items():
        child._buckets[place].inc(number)  # noqa: SLF001


class _Facts:
    """The facts of all rooms as a collector; kept for a moment."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: list[GaugeMetricFamily] = []
        self._until = 0.0

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The families."""
        with self._lock:
            if time.monotonic() >= self._until:
                self._kept = list(_asked())
                self._until = time.monotonic() + FACTS_SECONDS
            kept = self._kept
        yield from kept

    def forget(self) -> None:
        """Ask again at the next scrape."""
        self._until = 0.0


def _asked() -> Iterator[GaugeMetricFamily]:
    works = 1.0
    for ask in _facts:
        try:
            yield from [_family(fact) for fact in ask()]
        except (DatabaseError, InterfaceError, PoolTimeout) as error:
            log.warning("metrics.facts_missing", error=repr(error)[:200])
            connection.close()
            works = 0.0
    yield _family(Fact("database_up", "1 where the database answered all questions", (), [((), works)]))


def _family(fact: Fact) -> GaugeMetricFamily:
    family = GaugeMetricFamily(PREFIX + fact.name, fact.help, labels=fact.labels)
    for labels, value in fact.values:
        family.add_metric(labels, value)
    return family


_known = _Facts()


def exposition() -> bytes:
    """Everything, in Prometheus' text format."""
    tally.flush()
    bury_the_dead(Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]))
    registry = counted_by_all()
    registry.register(_known)
    return generate_latest(registry)


def counted_by_all() -> CollectorRegistry:
    """What the processes that share METRICS_DIR count; without facts."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry


def facts_forget() -> None:
    """Ask the database again at the next scrape."""
    _known.forget()


def files_clean(folder: Path) -> None:
    """At the start of a server: what no living process counts any more goes, unless others still count.

    A sum that falls looks like a restart to Prometheus, so counters of dead processes stay while others live.
    """
    if not any(_lives(pid) for pid in _pids(folder)):
        for file in folder.glob("*.db"):
            file.unlink(missing_ok=True)


def bury_the_dead(folder: Path) -> None:
    """Take the gauges of dead processes away: their sockets are closed."""
    for pid in _pids(folder):
        if not _lives(pid):
            mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]


def _pids(folder: Path) -> set[int]:
    numbers = (file.stem.rpartition("_")[2] for file in folder.glob("*.db"))
    return {int(number) for number in numbers if number.isdecimal()} - {os.getpid()}


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
