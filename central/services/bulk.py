"""Many rows by one statement: the frequent messages of all charge points are written together.

On PostgreSQL the rows travel as one JSON parameter (a fraction of what binding each value costs); elsewhere
by `executemany`. Values are those of the database columns; JSON columns take plain lists and dicts.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import orjson
from django.db import connection
from django.db.models import Model

from central.services.statements import statement_rows

Values = Mapping[str, Any]


def insert_many(model: type[Model], rows: Sequence[Values], *, ignore_conflicts: bool = False) -> None:
    """Insert `rows` (column -> value, all with the same columns). Raises IntegrityError."""
    if not rows:
        return
    columns = tuple(rows[0])
    names = ", ".join(columns)
    suffix = " ON CONFLICT DO NOTHING" if ignore_conflicts else ""
    table = model._meta.db_table  # noqa: SLF001 -- Django's public name for it has the underscore
    if connection.vendor == "postgresql":
        sql = f"INSERT INTO {table} ({names}) SELECT {names} FROM {recordset(model, columns)}{suffix}"  # noqa: S608 -- names of our own models
        _execute(sql, rows)
    else:
        places = ", ".join(["%s"] * len(columns))
        sql = f"INSERT INTO {table} ({names}) VALUES ({places}){suffix}"  # noqa: S608 -- names of our own models
        _execute_each(sql, columns, rows)


def insert_absent(model: type[Model], rows: Sequence[Values], same: Sequence[str]) -> None:
    """Insert those of `rows` of which no stored one agrees in the columns `same`. PostgreSQL only."""
    if not rows:
        return
    columns = tuple(rows[0])
    names = ", ".join(columns)
    table = model._meta.db_table  # noqa: SLF001 -- Django's public name for it has the underscore
    nullable = {field.column for field in model._meta.concrete_fields if field.null}  # noqa: SLF001 -- as above
    equal = " AND ".join(
        f"t.{name} {'IS NOT DISTINCT FROM' if name in nullable else '='} v.{name}" for name in same
    )
    _execute(
        f"INSERT INTO {table} ({names}) SELECT {names} FROM {recordset(model, columns)}"  # noqa: S608 -- names of our own models
        f" WHERE NOT EXISTS (SELECT FROM {table} t WHERE {equal})",
        rows,
    )


def insert_numbered(model: type[Model], rows: Sequence[Values]) -> dict[UUID, int]:
    """Insert `rows`, which name their `uid`; the `id` that each uid got. Raises IntegrityError."""
    if not rows:
        return {}
    columns = tuple(rows[0])
    names = ", ".join(columns)
    table = model._meta.db_table  # noqa: SLF001 -- Django's public name for it has the underscore
    if connection.vendor == "postgresql":
        sql = (
            f"INSERT INTO {table} ({names}) SELECT {names} FROM {recordset(model, columns)} RETURNING uid, id"  # noqa: S608 -- names of our own models
        )
        return dict(statement_rows(sql, [orjson.dumps(rows).decode()]))
    insert_many(model, rows)
    uids = [row["uid"] for row in rows]
    return dict(model._default_manager.filter(uid__in=uids).values_list("uid", "id"))  # noqa: SLF001 -- as above


def update_many(model: type[Model], rows: Sequence[Values], *, key: str = "id") -> None:
    """Update rows by their `key`; the other columns are set. Give the rows in the order of their keys."""
    if not rows:
        return
    columns = tuple(rows[0])
    changed = [column for column in columns if column != key]
    table = model._meta.db_table  # noqa: SLF001 -- Django's public name for it has the underscore
    if connection.vendor == "postgresql":
        places = ", ".join(f"{column} = v.{column}" for column in changed)
        sql = f"UPDATE {table} SET {places} FROM {recordset(model, columns)} WHERE {table}.{key} = v.{key}"  # noqa: S608 -- names of our own models
        _execute(sql, rows)
    else:
        places = ", ".join(f"{column} = %s" for column in changed)
        sql = f"UPDATE {table} SET {places} WHERE {key} = %s"  # noqa: S608 -- names of our own models
        _execute_each(sql, (*changed, key), rows)


@cache
def recordset(model: type[Model], columns: tuple[str, ...]) -> str:
    """The parameter as a table `v` with the types of the model's columns."""
    fields = {field.column: field for field in model._meta.concrete_fields}  # noqa: SLF001 -- as above
    types = ", ".join(f"{column} {_type(fields[column].rel_db_type(connection))}" for column in columns)
    return f"json_to_recordset(%s::json) AS v({types})"


def _type(name: str | None) -> str:
    """The type without a length: the target's own length is checked when the row is written."""
    return "text" if name is None or name.startswith("varchar") else name


def _execute(sql: str, rows: Sequence[Values]) -> None:
    statement_rows(sql, [orjson.dumps(rows).decode()])


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
