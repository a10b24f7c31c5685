"""Queries that are compiled once: Django's own, without the cost of building them again for each batch.

    _running = Prepared(lambda tokens: Session.objects.filter(id_token_id__among=tokens).values_list("pk"))
    _running.rows(tokens=[1, 2, 3])

The function gets a mark for each value, is called once a process, and the values are put in when the query
runs. Lists are compared with `__among`, which is one parameter however long the list is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.db.models import Expression, Field, ForeignKey, Lookup, QuerySet

from central.services.bulk_read import instances_of
from central.services.statements import on_postgresql, statement_rows


class Slot(Expression):
    """The place of a value in a compiled query."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """One parameter."""
        return "%s", (self,)


@ForeignKey.register_lookup
@Field.register_lookup
class Among(Lookup):
    """`column__among=values`: one of a list of numbers or texts."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """The whole list is one parameter."""
        column, params = self.process_lhs(compiler, connection)
        values = self.rhs if isinstance(self.rhs, Slot) else list(self.rhs)
        return f"{column} = ANY(%s)", (*params, values)

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """A parameter for each value."""
        column, params = self.process_lhs(compiler, connection)
        values = list(self.rhs)
        return f"{column} IN ({', '.join(['%s'] * len(values))})", (*params, *values)


@dataclass(slots=True)
class _Compiled:
    """A query's text, its parameters with the slots among them, and how its rows are read."""

    sql: str
    params: tuple[Any, ...]
    model: Any
    compiler: Any
    converters: Any

    def filled(self, values: dict[str, Any]) -> list[Any]:
        return [_given(values[one.name]) if isinstance(one, Slot) else one for one in self.params]


class Prepared:
    """A query without its values: `build(**values)` gives a queryset of plain instances or of tuples."""

    def __init__(self, build: Callable[..., QuerySet[Any, Any]]) -> None:
        self._build = build
        self._compiled: _Compiled | None = None

    def rows(self, **values: Any) -> list[Any]:
        """The rows for these values: instances, or tuples where the queryset is a `values_list`."""
        if not on_postgresql():
            return list(self._build(**values))
        compiled = self._compiled
        if compiled is None:
            compiled = self._compiled = _compile(self._build(**{name: Slot(name) for name in values}))
        params = compiled.filled(values)
        if compiled.model is not None:
            return instances_of(compiled.model, compiled.sql, params)
        found = statement_rows(compiled.sql, params)
        if compiled.converters:
            return [tuple(row) for row in compiled.compiler.apply_converters(found, compiled.converters)]
        return found


def _compile(queryset: QuerySet[Any, Any]) -> _Compiled:
    compiler = queryset.query.get_compiler(using=queryset.db)
    sql, params = compiler.as_sql()
    is_plain = queryset._fields is None  # type: ignore[attr-defined]
    converters = None if is_plain else compiler.get_converters([column[0] for column in compiler.select])
    plain = tuple(one.value if isinstance(one, Enum) else one for one in params)
    return _Compiled(sql, plain, queryset.model if is_plain else None, compiler, converters)


def _given(value: Any) -> Any:
    return list(value) if isinstance(value, (set, frozenset, tuple)) or hasattr(value, "keys") else value
