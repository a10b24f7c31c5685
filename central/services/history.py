"""How long history is kept: what is too old goes, by partition or in small batches."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

import structlog
from django.db import OperationalError, connection
from psycopg.errors import LockNotAvailable

from central.models import (
    DataTransfer,
    DeviceReport,
    Message,
    MeterValue,
    OfflineSpan,
    PlugAndChargeRequest,
    SecurityEvent,
    SigningRequest,
    StatusChange,
)
from central.services.partitions import (
    MESSAGES,
    METER_VALUES,
    Partitioned,
    catch_alls,
    partitions_drop,
    partitions_ensure,
)

log = structlog.get_logger(__name__)

BATCH: Final = 5000
MOST_BATCHES: Final = 100
"""Of one run; what is left over goes with the next one, and writers get their turn between batches."""


def partitions_prepare(*, now: datetime) -> int:
    """Make the partitions of the next days; how many were missing (none where there are no partitions)."""
    if connection.vendor != "postgresql":
        return 0
    return sum(
        _unless_locked(partial(partitions_ensure, table, now=now)) for table in (MESSAGES, METER_VALUES)
    )


def messages_drop_old(*, now: datetime, keep_days: int) -> int:
    """Drop messages of more than `keep_days` (0: none); how many partitions and rows went."""
    if not keep_days:
        return 0
    before = now - timedelta(days=keep_days)
    if connection.vendor == "postgresql":
        return _drop(MESSAGES, before)
    return _delete(Message, "at", before)


def meter_values_drop_old(*, now: datetime, keep_days: int) -> int:
    """Drop meter values of more than `keep_days` (0: none); how many partitions and rows went."""
    if not keep_days:
        return 0
    before = now - timedelta(days=keep_days)
    if connection.vendor == "postgresql":
        return _drop(METER_VALUES, before)
    return _delete(MeterValue, "received_at", before)


def others_drop_old(
    *,
    now: datetime,
    security_events: int,
    status_changes: int,
    data_transfers: int,
    signing_requests: int,
    device_reports: int,
) -> int:
    """Drop rows of more than so many days (0: none); how many. Security events stay while they are open.

    Times without a connection go with the states of connectors: availability is computed from both. Questions
    of plug and charge go with the requests for certificates. What a report told stays in the variables.
    """
    rows: tuple[tuple[Any, str, int], ...] = (
        (SecurityEvent.objects.filter(is_open=False), "received_at", security_events),
        (StatusChange.objects.all(), "received_at", status_changes),
        (OfflineSpan.objects.all(), "ended_at", status_changes),
        (DataTransfer.objects.all(), "at", data_transfers),
        (SigningRequest.objects.all(), "at", signing_requests),
        (PlugAndChargeRequest.objects.all(), "at", signing_requests),
        (DeviceReport.objects.all(), "heard_at", device_reports),
    )
    return sum(
        _delete_rows(found, column, now - timedelta(days=days)) for found, column, days in rows if days
    )


def _delete_rows(rows: Any, column: str, before: datetime) -> int:
    old = rows.filter(**{f"{column}__lt": before}).order_by("pk").values_list("pk", flat=True)
    return _in_batches(lambda: int(rows.filter(pk__in=list(old[:BATCH])).delete()[0]))


def _drop(table: Partitioned, before: datetime) -> int:
    dropped = _unless_locked(partial(partitions_drop, table, before=before))
    return dropped + sum(_empty(name, table.column, before) for name in catch_alls(table))


def _unless_locked(work: Callable[[], int]) -> int:
    """Do the work, or leave it to the next run where somebody reads or writes for longer than we may wait."""
    try:
        return work()
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        log.info("history.locked", work=repr(work)[:200])
        return 0


def _empty(name: str, column: str, before: datetime) -> int:
    """Delete the old rows of a partition for times of any age."""
    found = f"SELECT ctid FROM {name} WHERE {column} < %s LIMIT {BATCH}"  # noqa: S608 -- our own names
    sql = f"DELETE FROM {name} WHERE ctid = ANY(ARRAY({found}))"  # noqa: S608 -- as above
    return _in_batches(lambda: _execute(sql, before))


def _execute(sql: str, before: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, [before])
        return int(cursor.rowcount)


def _delete(model: type[Message] | type[MeterValue], column: str, before: datetime) -> int:
    """Delete rows in the order in which they were written, until one is young enough."""

    def one_batch() -> int:
        rows = list(model._default_manager.order_by("id").values_list("id", column)[:BATCH])  # noqa: SLF001 -- Django's documented name
        old = _leading(rows, before)
        if not old:
            return 0
        # Not `delete()`: it would load each row to look for others that belong to it.
        found = model._default_manager.filter(id__lte=old, **{f"{column}__lt": before})  # noqa: SLF001 -- as above
        return int(found._raw_delete(found.db))  # noqa: SLF001 -- as above

    return _in_batches(one_batch)


def _leading(rows: Iterable[tuple[int, datetime]], before: datetime) -> int:
    """The last id of those rows at the beginning that are all too old; 0 for none."""
    last = 0
    for row_id, moment in rows:
        if moment >= before:
            break
        last = row_id
    return last


def _in_batches(one_batch: Callable[[], int]) -> int:
    total = 0
    for _ in range(MOST_BATCHES):
        gone = one_batch()
        total += gone
        if not gone:
            break
    return total
