"""Partitions of the tables that grow with every frame: made ahead, dropped by age (PostgreSQL only).

Messages are partitioned by day. Meter values are kept for years and read by session, without their time, so
theirs are months: a statement that names no time locks each partition and each of its indexes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import connection, transaction

LOCK_TIMEOUT_MS: Final = 2000
"""Whoever waits for an exclusive lock makes all others wait behind it: rather the next time, then."""
_LOCK: Final = 7_046_021
"""Number of the advisory lock: one process at a time makes and drops partitions."""
_BOUNDS: Final = re.compile(r"FROM \((?:'([^']+)'|MINVALUE)\) TO \('([^']+)'\)")


@dataclass(frozen=True, slots=True)
class Partitioned:
    """A table divided by the time in `column`, into days or months, made `ahead` periods ahead."""

    table: str
    column: str
    monthly: bool
    ahead: int

    def begin(self, moment: datetime, step: int = 0) -> datetime:
        """The beginning of the period `step` periods after that of `moment`."""
        if not self.monthly:
            return moment.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=step)
        months = moment.year * 12 + moment.month - 1 + step
        return datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC)

    def name(self, begin: datetime) -> str:
        """The partition of the period that begins then."""
        return f"{self.table}_p{begin:%Y%m}" if self.monthly else f"{self.table}_p{begin:%Y%m%d}"


MESSAGES: Final = Partitioned("central_message", "at", monthly=False, ahead=7)
METER_VALUES: Final = Partitioned("central_metervalue", "sampled_at", monthly=True, ahead=2)


@dataclass(frozen=True, slots=True)
class Part:
    """A partition for times from `low` (None: the beginning of time) to before `high`."""

    name: str
    low: datetime | None
    high: datetime


def partitions_ensure(table: Partitioned, *, now: datetime) -> int:
    """Make the partitions that will be needed; how many were missing. Raises OperationalError."""
    missing = list(_missing(table, now))
    for begin in missing:
        with transaction.atomic():
            _begin()
            _create(table, begin)
    return len(missing)


def partitions_drop(table: Partitioned, *, before: datetime) -> int:
    """Drop partitions whose times are all before `before`; how many. Raises OperationalError where locked."""
    old = [part for part in _parts(table) if part.high <= before]
    for part in old:
        with transaction.atomic(), connection.cursor() as cursor:
            _begin()
            cursor.execute(f"DROP TABLE IF EXISTS {part.name}")
    return len(old)


def catch_alls(table: Partitioned) -> list[str]:
    """The partitions that hold times of any age: of rows from before the division, and of odd times."""
    whole = [part.name for part in _parts(table) if part.low is None]
    return [*whole, f"{table.table}_default"]


def _missing(table: Partitioned, now: datetime) -> Iterator[datetime]:
    parts = _parts(table)
    for step in range(table.ahead + 1):
        low, high = table.begin(now, step), table.begin(now, step + 1)
        if not any((part.low is None or part.low <= low) and high <= part.high for part in parts):
            yield low


def _parts(table: Partitioned) -> list[Part]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i"
            " JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = %s::regclass",
            [table.table],
        )
        found = [(name, _BOUNDS.search(bounds)) for name, bounds in cursor.fetchall()]
    return [
        Part(name, _moment(bounds[1]) if bounds[1] else None, _moment(bounds[2]))
        for name, bounds in found
        if bounds is not None
    ]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _begin() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = {LOCK_TIMEOUT_MS}")
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _create(table: Partitioned, begin: datetime) -> None:
    """A partition, with the rows that went to the default one because it was missing.

    Attached, not created in place: that needs no exclusive lock on the whole table.
    """
    name, default = table.name(begin), f"{table.table}_default"
    low, high = begin.isoformat(), table.begin(begin, 1).isoformat()
    period = f"{table.column} >= '{low}' AND {table.column} < '{high}'"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {name} (LIKE {table.table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
        cursor.execute(f"LOCK TABLE {default} IN ACCESS EXCLUSIVE MODE")
        cursor.execute(f"INSERT INTO {name} SELECT * FROM {default} WHERE {period}")  # noqa: S608 -- our names and times
        cursor.execute(f"DELETE FROM {default} WHERE {period}")  # noqa: S608 -- as above
        cursor.execute(
            f"ALTER TABLE {table.table} ATTACH PARTITION {name} FOR VALUES FROM ('{low}') TO ('{high}')"
        )
