"""Many rows by one statement: the frequent messages of all charge points are written together.

On PostgreSQL the rows travel as one JSON parameter (a fraction of what binding each value costs); elsewhere
by `executemany`. Values are those of the database columns; JSON columns take plain lists and dicts.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

import orjson
from django.db import connection
from django.db.models import Model

from central.services.statements import json_rows, on_postgresql, statement_rows

Values = Mapping[str, Any]


def insert_many(model: type[Model], rows: Sequence[Values], *, ignore_conflicts: bool = False) -> None:
    """Insert `rows` (column -> value, all with the same columns). Raises IntegrityError."""
    if not rows:
        return
    columns = tuple(rows[0])
    suffix = IF_ABSENT if ignore_conflicts else ""
    if on_postgresql():
        _execute(_inserting(model, columns, suffix), rows)
        return
    names, places = ", ".join(columns), ", ".join(["%s"] * len(columns))
    table = model._meta.db_table  # noqa: SLF001 -- Django's public name for it has the underscore
    sql = f"INSERT INTO {table} ({names}) VALUES ({places}){suffix}"  # noqa: S608 -- names of our own models
    _execute_each(sql, columns, rows)


IF_ABSENT: Final = " ON CONFLICT DO NOTHING"


@cache
def _inserting(model: type[Model], columns: tuple[str, ...], suffix: str) -> str:
    """The statement that inserts rows with these columns on PostgreSQL."""
    names = ", ".join(columns)
    table = model._meta.db_table  # noqa: SLF001 -- as above
    return f"INSERT INTO {table} ({names}) SELECT {names} FROM {recordset(model, columns)}{suffix}"  # noqa: S608 -- as above


def insert_absent(model: type[Model], rows: Sequence[Values], same: tuple[str, ...]) -> None:
    """Insert those of `rows` of which no stored one agrees in the columns `same`. PostgreSQL only."""
    if rows:
        columns = tuple(rows[0])
        _execute(_inserting(model, columns, _unless_stored(model, same)), rows)


@cache
def _unless_stored(model: type[Model], same: tuple[str, ...]) -> str:
    table = model._meta.db_table  # noqa: SLF001 -- as above
    nullable = {field.column for field in model._meta.concrete_fields if field.null}  # noqa: SLF001 -- as above
    equal = " AND ".join(
        f"t.{name} {'IS NOT DISTINCT FROM' if name in nullable else '='} v.{name}" for name in same
    )
    return f" WHERE NOT EXISTS (SELECT FROM {table} t WHERE {equal})"


def insert_numbered(
    model: type[Model], rows: Sequence[Values], *, ignore_conflicts: bool = False
) -> dict[UUID, int]:
    """Insert `rows`, which name their `uid`; the `id` that each uid got. Raises IntegrityError.

    With `ignore_conflicts` those that are there already get none.
    """
    if not rows:
        return {}
    suffix = IF_ABSENT if ignore_conflicts else ""
    if on_postgresql():
        sql = _inserting(model, tuple(rows[0]), f"{suffix} RETURNING uid, id")
        return dict(statement_rows(sql, [json_rows(rows)]))
    insert_many(model, rows, ignore_conflicts=ignore_conflicts)
    uids = [row["uid"] for row in rows]
    return dict(model._default_manager.filter(uid__in=uids).values_list("uid", "id"))  # noqa: SLF001 -- as above


def update_many(model: type[Model], rows: Sequence[Values], *, key: str = "id") -> None:
    """Update rows by their `key`; the other columns are set. Give the rows in the order of their keys."""
    if not rows:
        return
    columns = tuple(rows[0])
    if on_postgresql():
        _execute(_updating(model, columns, key), rows)
        return
    changed = [column for column in columns if column != key]
    places = ", ".join(f"{column} = %s" for column in changed)
    table = model._meta.db_table  # noqa: SLF001 -- as above
    sql = f"UPDATE {table} SET {places} WHERE {key} = %s"  # noqa: S608 -- names of our own models
    _execute_each(sql, (*changed, key), rows)


@cache
def _updating(model: type[Model], columns: tuple[str, ...], key: str) -> str:
    """The statement that updates these columns on PostgreSQL."""
    table = model._meta.db_table  # noqa: SLF001 -- as above
    places = ", ".join(f"{column} = v.{column}" for column in columns if column != key)
    return f"UPDATE {table} SET {places} FROM {recordset(model, columns)} WHERE {table}.{key} = v.{key}"  # noqa: S608 -- as above


def recordset(model: type[Model], columns: tuple[str, ...]) -> str:
    """The parameter as a table `v` with the types of the model's columns."""
    fields = {field.column: field for field in model._meta.concrete_fields}  # noqa: SLF001 -- as above
    types = ", ".join(f"{column} {_type(fields[column].rel_db_type(connection))}" for column in columns)
    return f"json_to_recordset(%s::json) AS v({types})"


def _type(name: str | None) -> str:
    """The type without a length: the target's own length is checked when the row is written."""
    return "text" if name is None or name.startswith("varchar") else name


def _execute(sql: str, rows: Sequence[Values]) -> None:
    statement_rows(sql, [json_rows(rows)])


def _execute_each(sql: str, columns: Iterable[str], rows: Sequence[Values]) -> None:
    order = tuple(columns)
    with connection.cursor() as cursor:
        cursor.executemany(sql, [[_plain(row[column]) for column in order] for row in rows])


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, list | dict):
        return orjson.dumps(value).decode()
    return value
