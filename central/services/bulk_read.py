"""Many rows of one table read at once, the cheap way.

On PostgreSQL they travel as one JSON value: Django's own way converts each time and JSON column in Python,
which for wide rows costs more than the query. Elsewhere it is Django's own way.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

import orjson
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import DateTimeField, DecimalField, Model, QuerySet, UUIDField
from django.db.models.base import ModelState

from central.services.statements import on_postgresql, statement_document

M = TypeVar("M", bound=Model)
Renamed = list[tuple[str, str]]
Readers = list[tuple[str, Callable[[Any], Any]]]


def fetch_many(rows: QuerySet[M]) -> list[M]:
    """The instances of a queryset without annotations and related rows; no model with Decimal columns."""
    if not on_postgresql():
        return list(rows)
    try:
        return instances_of(rows.model, *rows.query.sql_with_params())
    except EmptyResultSet:
        return []


def instances_of(model: type[M], sql: str, params: Sequence[Any]) -> list[M]:
    """The instances that a query gives on PostgreSQL; columns of other tables become plain attributes."""
    found = _json_rows(sql, params)
    if not found:
        return []
    renamed, readers = _readers(model, tuple(found[0]))
    database = connection.alias
    for row in found:
        for column, read in readers:
            value = row[column]
            if value is not None:
                row[column] = read(value)
        for column, attribute in renamed:
            row[attribute] = row.pop(column)
    return [_instance(model, database, row) for row in found]


def _instance(model: type[M], database: str, values: dict[str, Any]) -> M:
    """What `from_db` makes, without a walk over all columns (columns not read are deferred)."""
    made = model.__new__(model)
    state = ModelState()
    state.adding, state.db = False, database
    values["_state"] = state
    made.__dict__ = values
    return made


def _json_rows(sql: str, params: Sequence[Any]) -> list[dict[str, Any]]:
    text = statement_document(f"SELECT json_agg(r)::text FROM ({sql}) AS r", params)  # noqa: S608 -- a whole query
    found: list[dict[str, Any]] = orjson.loads(text) if text else []
    return found


@cache
def _readers(model: type[Model], columns: tuple[str, ...]) -> tuple[Renamed, Readers]:
    """The columns with another name as attribute, and those that JSON has no form for."""
    fields = {str(field.column): field for field in model._meta.concrete_fields}  # noqa: SLF001 -- as above
    own = [(column, fields[column]) for column in columns if column in fields]
    renamed = [(column, field.attname) for column, field in own if field.attname != column]
    readers = [(column, read) for column, field in own if (read := _reader(field)) is not None]
    return renamed, readers


def _reader(field: Any) -> Callable[[Any], Any] | None:
    if isinstance(field, DecimalField):
        raise TypeError(f"{field} has no exact form in JSON")
    if isinstance(field, DateTimeField):
        return datetime.fromisoformat
    return UUID if isinstance(field, UUIDField) else None
