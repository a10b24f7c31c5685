"""The message log: rows of both directions, written in bulk inside the transaction of what they tell of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection

from central.models.message import Direction
from central.ocpp.frames import to_json
from central.ocpp.masking import masked

PAYLOAD_LIMIT: Final = 256 * 1024
IN: Final = str(Direction.IN)
OUT: Final = str(Direction.OUT)

_COPY: Final = """
COPY central_message (charge_point_id, connection_id, direction, kind, action, message_id, payload,
  error_code, size, latency_ms, at) FROM STDIN
"""
_INSERT: Final = """
INSERT INTO central_message (charge_point_id, connection_id, direction, kind, action, message_id, payload,
  error_code, size, latency_ms, at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""

_ESCAPED: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


@dataclass(slots=True)
class Row:
    """One frame for the log; `payload` as it travelled (masked when it is written)."""

    charge_point_id: int
    connection_id: UUID
    direction: str
    kind: int
    action: str
    message_id: str
    payload: Any
    at: datetime
    error_code: str = ""
    size: int = 0
    latency_ms: int | None = None


def write(rows: Sequence[Row]) -> None:
    """Insert the rows in the current transaction. Raises TypeError where a payload has no JSON form."""
    is_postgres = connection.vendor == "postgresql"
    if not rows:
        return
    # COPY is not Django's own: without the wrapper its errors would not be database errors to the caller.
    with connection.cursor() as cursor, connection.wrap_database_errors:
        if is_postgres:
            with cursor.copy(_COPY) as copy:
                copy.write("".join([_line(row) for row in rows]))
        else:
            cursor.executemany(_INSERT, [_portable(row) for row in rows])


def _content(row: Row) -> tuple[str | None, int]:
    """The payload as it is kept, and the size of the frame."""
    if row.payload is None:
        return None, row.size
    text = to_json(masked(row.action, row.payload))
    size = row.size or len(text)
    if len(text) > PAYLOAD_LIMIT:
        text = to_json({"omitted": "too large for the log", "size": size})
    return text.decode(), size


def _line(row: Row) -> str:
    """A row in the text format of COPY; the driver would ask each value for its type."""
    payload, size = _content(row)
    action, message_id, code = row.action, row.message_id[:36], row.error_code[:40]
    if not action.isalnum():
        action = action.translate(_ESCAPED)
    if not message_id.isalnum():
        message_id = message_id.translate(_ESCAPED)
    if code:
        code = code.translate(_ESCAPED)
    # Of the characters that COPY escapes, JSON text as we write it holds only the backslash.
    text = "\\N" if payload is None else payload.replace("\\", "\\\\")
    took = "\\N" if row.latency_ms is None else row.latency_ms
    return (
        f"{row.charge_point_id}\t{row.connection_id.hex}\t{row.direction}\t{row.kind}\t{action}\t{message_id}\t"
        f"{text}\t{code}\t{size}\t{took}\t{row.at.isoformat()}\n"
    )


def _portable(row: Row) -> tuple[Any, ...]:
    """A row for databases without types of their own for UUIDs and times with a zone."""
    payload, size = _content(row)
    return (
        row.charge_point_id,
        row.connection_id.hex,
        row.direction,
        row.kind,
        row.action,
        row.message_id[:36],
        payload,
        row.error_code[:40],
        size,
        row.latency_ms,
        connection.ops.adapt_datetimefield_value(row.at),
    )
