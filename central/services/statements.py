"""Statements of the hot path on PostgreSQL, handed to its client library without the layers above it.

A cursor of Django's and of the driver's costs four times what the library needs, thirty times a batch. A
transaction is open, or none is wanted: each statement stands for itself. The usual cursor runs what would
open one, has a value of an uncommon kind, or is listened to (wrappers, the query log).
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache, lru_cache
from types import NoneType
from typing import Any, Final
from uuid import UUID
from weakref import WeakKeyDictionary

import orjson
from django.db import DEFAULT_DB_ALIAS, connection, connections
from psycopg import DataError, OperationalError
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.types.json import Json, Jsonb
from psycopg.types.numeric import Int2, Int4, Int8

SUCCESSES: Final = frozenset({ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK})


@cache
def on_postgresql() -> bool:
    """True where the database is PostgreSQL; Django's `connection` looks for its thread's own each time."""
    return connection.vendor == "postgresql"


def json_rows(rows: Sequence[Any]) -> Json:
    """Rows as one JSON parameter: written once, as the bytes that travel."""
    return Json(rows, orjson.dumps)


def statement_rows(sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Run a statement with `%s` marks; the rows it gives. Raises Django's database errors."""
    result = _run(sql, params)
    if result is None:
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            return list(cursor.fetchall()) if cursor.description else []
    if not result.ntuples:
        return []
    loader = _loader(connections[DEFAULT_DB_ALIAS].connection)
    loader.set_pgresult(result)
    rows: list[tuple[Any, ...]] = loader.load_rows(0, result.ntuples, tuple)
    loader.set_pgresult(None)
    return rows


_loaders: Final[WeakKeyDictionary[Any, Any]] = WeakKeyDictionary()


def _loader(driver: Any) -> Any:
    """What reads the rows of a connection: it keeps the reader of each type that it has met.

    Made of the connection's readers alone: it would hold a connection that it knows for ever. Without one
    times are UTC and texts UTF-8, as Django sets them.
    """
    found = _loaders.get(driver)
    if found is None:
        found = _loaders[driver] = Transformer(driver.adapters)
    return found


def statement_document(sql: str, params: Sequence[Any]) -> bytes | str | None:
    """Run a statement that gives one JSON text, or nothing. Raises Django's database errors."""
    result = _run(sql, params)
    if result is None:
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            (text,) = cursor.fetchone()
            return None if text is None else str(text)
    document: bytes | None = result.get_value(0, 0)
    return document


def wait_briefly() -> None:
    """In this transaction: whoever holds a charge point's row must not stop what is done for others (F20)."""
    if on_postgresql():
        statement_rows("SET LOCAL lock_timeout = 500", ())


def _run(sql: str, params: Sequence[Any]) -> Any:
    """The library's result; None where the usual cursor has to run the statement."""
    if not on_postgresql():
        return None
    database = connections[DEFAULT_DB_ALIAS]
    database.ensure_connection()
    driver = database.connection
    if database.queries_logged or database.execute_wrappers:
        return None
    pgconn = driver.pgconn
    status = pgconn.transaction_status
    if status != TransactionStatus.INTRANS and not (status == TransactionStatus.IDLE and driver.autocommit):
        return None
    if not _WRITERS.keys() >= set(map(type, params)):
        return None
    database.validate_no_broken_transaction()
    with database.wrap_database_errors:
        result = pgconn.exec_params(_numbered(sql), [_WRITERS[type(value)](value) for value in params])
        if result.status not in SUCCESSES:
            if pgconn.status == ConnStatus.BAD:
                raise OperationalError(result.get_error_message())
            raise error_from_result(result)
    return result


@lru_cache(1000)
def _numbered(sql: str) -> bytes:
    """The statement with PostgreSQL's marks ($1) instead of the driver's (%s)."""
    first, *others = sql.split("%s")
    numbered = first + "".join(f"${number}{part}" for number, part in enumerate(others, 1))
    return numbered.replace("%%", "%").encode()


def _plain(value: str) -> bytes:
    if "\0" in value:
        raise DataError("PostgreSQL text holds no NUL")
    return value.encode()


def _array(values: list[Any]) -> bytes:
    kinds = set(map(type, values))
    if kinds == {int}:
        return ("{" + ",".join(map(str, values)) + "}").encode()
    if kinds == {str} and not _is_special("".join(values)):
        return _plain('{"' + '","'.join(values) + '"}')
    return _plain("{" + ",".join(map(_element, values)) + "}")


def _is_special(text: str) -> bool:
    """True for a text that is escaped in an array."""
    return '"' in text or "\\" in text


def _element(value: Any) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(int(value))


_WRITERS: Final[dict[type, Callable[[Any], bytes | None]]] = {
    NoneType: lambda _: None,
    str: _plain,
    bool: lambda value: b"t" if value else b"f",
    **dict.fromkeys((int, Int2, Int4, Int8), lambda value: b"%d" % value),
    list: _array,
    datetime: lambda value: value.isoformat().encode(),
    UUID: lambda value: value.hex.encode(),
    **dict.fromkeys((Json, Jsonb), lambda value: orjson.dumps(value.obj)),
}
"""How values travel; lists are those of numbers or texts."""
