"""Exports: any number of rows as CSV or JSON lines, sent at constant memory.

    table = Table("meter-values", ("sampled_at", "power_w"), partial(rows_of, queryset, PATHS))
    return export_response(table, "csv", owner=str(user.organization_id))

The rows are read while they are sent, on a thread and a database connection of the export's own: neither the
event loop nor other requests wait for it. How many run at once is bounded, also for one `owner`. A client
that goes away, or reads nothing for `STALL_SECONDS`, ends the query.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final, Literal

import orjson
from django.db import connection, transaction
from django.db.models import QuerySet

from emobility.lib.cells import harmless, moment_text
from emobility.lib.streams import StreamedResponse

Form = Literal["csv", "jsonl"]
FORMS: Final[dict[str, str]] = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}
BATCH: Final = 1000
"""Rows that are read, completed and written at a time."""


@dataclass(frozen=True, slots=True)
class Table:
    """What is exported: a name for the file, names of the columns, and rows that are read when asked for."""

    name: str
    columns: tuple[str, ...]
    rows: Callable[[], Iterable[Sequence[Any]]]


def export_response(table: Table, form: str, *, owner: str = "") -> StreamedResponse:
    """The table as a download; `owner` is who takes one of the few places (an organisation).

    Raises TooMany where all places are taken.
    """
    return StreamedResponse(
        lambda: export_lines(table, form),
        owner=owner,
        content_type=FORMS[form],
        headers={
            "Content-Disposition": f'attachment; filename="{table.name}.{form}"',
            "Cache-Control": "no-store",
            "X-Accel-Buffering": "no",
        },
    )


def export_lines(table: Table, form: str) -> Iterator[bytes]:
    """The file in pieces of some ten kilobytes."""
    write = _csv if form == "csv" else _jsonl
    yield from write(table)


def rows_of(
    queryset: QuerySet[Any], fields: Sequence[str], *, held: bool = False
) -> Iterator[tuple[Any, ...]]:
    """The `fields` of all rows in the order in which they were written, never many of them at once.

    PostgreSQL reads through a cursor of the server: all rows are of one moment. It lives in a transaction,
    or, where what is written meanwhile must be seen by others, is `held` without one (the server then keeps
    a copy of the result). On SQLite each portion is a query of its own, by key.
    """
    rows = queryset.order_by("pk")
    if connection.vendor == "postgresql":
        with nullcontext() if held else transaction.atomic():
            yield from rows.values_list(*fields).iterator(chunk_size=BATCH)
        return
    last: Any = None
    while portion := _portion(rows, fields, last):
        for row in portion:
            yield row[1:]
        last = portion[-1][0]


def batches(rows: Iterable[Sequence[Any]], size: int = BATCH) -> Iterator[list[Sequence[Any]]]:
    """The rows in lists of up to `size`."""
    source = iter(rows)
    while batch := list(islice(source, size)):
        yield batch


def _portion(rows: QuerySet[Any], fields: Sequence[str], last: Any) -> list[tuple[Any, ...]]:
    following = rows if last is None else rows.filter(pk__gt=last)
    return list(following.values_list("pk", *fields)[:BATCH])


def _csv(table: Table) -> Iterator[bytes]:
    """RFC 4180, text always in quotes; formulas are made harmless before that (`emobility.lib.cells`)."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(table.columns)
    for batch in batches(table.rows()):
        writer.writerows([_csv_cell(value) for value in row] for row in batch)
        yield out.getvalue().encode()
        out.seek(0)
        out.truncate()
    yield out.getvalue().encode()


def _csv_cell(value: Any) -> Any:
    """Numbers as they are; `csv` puts all else in quotes."""
    kind = type(value)
    if value is None or kind is int:
        return value
    if kind is str:
        return harmless(value)
    if isinstance(value, datetime):
        return moment_text(value)
    return str(value).lower() if isinstance(value, bool) else harmless(value)


def _jsonl(table: Table) -> Iterator[bytes]:
    """One object a line; times in ISO 8601 (UTC), decimals as text so that they stay exact."""
    options = orjson.OPT_APPEND_NEWLINE | orjson.OPT_PASSTHROUGH_DATETIME
    for batch in batches(table.rows()):
        yield b"".join(
            orjson.dumps(dict(zip(table.columns, row, strict=True)), default=_json, option=options)
            for row in batch
        )


def _json(value: Any) -> Any:
    return moment_text(value) if isinstance(value, datetime) else str(value)
