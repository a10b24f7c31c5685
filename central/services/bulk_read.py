"""Many rows of one table read at once, the cheap way.

On PostgreSQL they travel as one JSON value: Django's own way converts each time and JSON column in Python,
which for wide rows costs more than the query. Elsewhere it is Django's own way.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

import orjson
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import DateTimeField, DecimalField, Model, QuerySet, UUIDField
from django.db.models.base import ModelState

from central.services.statements import statement_document

M = TypeVar("M", bound=Model)
Values = Mapping[str, Any]


def fetch_many(rows: QuerySet[M]) -> list[M]:
    """The instances of a queryset without annotations and related rows; no model with Decimal columns."""
    if connection.vendor != "postgresql":
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
    attributes, readers = _readers(model, tuple(found[0]))
    database = connection.alias
    return [
        _instance(model, database, dict(zip(attributes, _read(row, readers), strict=True))) for row in found
    ]


def _instance(model: type[M], database: str, values: dict[str, Any]) -> M:
    """What `from_db` makes, without a walk over all columns (columns not read are deferred)."""
    made = model.__new__(model)
    made.__dict__.update(values)
    state = ModelState()
    state.adding, state.db = False, database
    made._state = state  # noqa: SLF001 -- Django's documented place for it
    return made


def _json_rows(sql: str, params: Sequence[Any]) -> list[dict[str, Any]]:
    text = statement_document(f"SELECT json_agg(r)::text FROM ({sql}) AS r", params)  # noqa: S608 -- a whole query
    found: list[dict[str, Any]] = orjson.loads(text) if text else []
    return found


def _read(row: Values, readers: Sequence[Callable[[Any], Any] | None]) -> list[Any]:
    return [
        value if read is None or value is None else read(value)
        for read, value in zip(readers, row.values(), strict=True)
    ]


@cache
def _readers(
    model: type[Model], columns: tuple[str, ...]
) -> tuple[list[str], list[Callable[[Any], Any] | None]]:
    """Attribute and reader of each column."""
    fields = {str(field.column): field for field in model._meta.concrete_fields}  # noqa: SLF001 -- as above
    own = [fields.get(column) for column in columns]
    names = [column if field is None else field.attname for column, field in zip(columns, own, strict=True)]
    return names, [None if field is None else _reader(field) for field in own]


def _reader(field: Any) -> Callable[[Any], Any] | None:
    if isinstance(field, DecimalField):
        raise TypeError(f"{field} has no exact form in JSON")
    if isinstance(field, DateTimeField):
        return datetime.fromisoformat
    return UUID if isinstance(field, UUIDField) else None
