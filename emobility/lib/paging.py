"""Paging of REST lists by key: pages stay right while rows are added, and nothing is counted.

A module of its own: DRF loads it while its views are still being imported.
"""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import ValidationError as FieldError
from django.db.models import F, Field, Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

CURSOR: Final = "cursor"
LIMIT: Final = "limit"
ORDERING: Final = "ordering"
LARGEST_KEY: Final = 2**63 - 1


def cursor_encode(value: Any) -> str:
    """An opaque text for a query string."""
    return base64.urlsafe_b64encode(json.dumps(value, default=str).encode()).decode().rstrip("=")


def cursor_decode(text: str) -> Any:
    """What was encoded; raises ValidationError for anything else."""
    try:
        return json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise cursor_fault() from error


def cursor_fault() -> ValidationError:
    """The refusal of a cursor that is none of ours."""
    return ValidationError({CURSOR: [_("This is no cursor of this list.")]})


def limit_of(request: Request, *, default: int, most: int) -> int:
    """`?limit=`: at least 1, more than `most` is taken as `most`. Raises ValidationError."""
    text = request.query_params.get(LIMIT)
    if text is None or text == "":
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) > 0):
        raise ValidationError({LIMIT: [_("Enter a whole number of at least 1.")]})
    return min(int(text), most)


@dataclass(frozen=True, slots=True)
class Order:
    """A column by which a list is sorted, ties by key; rows without a value come last."""

    name: str
    path: str
    descending: bool
    field: "Field[Any, Any]"
    may_lack: bool

    def sort(self, rows: QuerySet[Any], *, back: bool) -> QuerySet[Any]:
        """The rows in this order, or in the opposite one."""
        down = self.descending != back
        key = "-pk" if down else "pk"
        if self.path == "pk":
            return rows.order_by(key)
        if not self.may_lack:
            return rows.order_by(f"-{self.path}" if down else self.path, key)
        column, first = F(self.path), {"nulls_first": True} if back else {"nulls_last": True}
        return rows.order_by(column.desc(**first) if down else column.asc(**first), key)

    def beyond(self, value: Any, key: Any, *, back: bool) -> Q:
        """Rows behind the place (value, key), or before it."""
        sign = "lt" if self.descending != back else "gt"
        later_key = Q(**{f"pk__{sign}": key})
        if self.path == "pk":
            return later_key
        if value is None:
            same = Q(**{f"{self.path}__isnull": True}) & later_key
            return same | Q(**{f"{self.path}__isnull": False}) if back else same
        # The first condition repeats the second for the sake of an index.
        found = Q(**{f"{self.path}__{sign}e": value}) & (Q(**{f"{self.path}__{sign}": value}) | later_key)
        return found | Q(**{f"{self.path}__isnull": True}) if self.may_lack and not back else found

    def place(self, row: Any) -> list[Any]:
        """Where a row stands: its value as text, and its key."""
        if self.path == "pk":
            return [None, row.pk]
        value = row
        for part in self.path.split("__"):
            value = getattr(value, part, None)
        return [None if value is None else str(value), row.pk]


@dataclass(frozen=True, slots=True)
class Cursor:
    """The place where a page begins, and in which direction it goes."""

    back: bool
    value: Any
    key: Any


class StableCursorPagination(BasePagination):
    """Pages by key: `?limit=` up to 500, `?ordering=` by a column of the view's, ties always by key.

    A view names its columns in `ordering_fields` (a list, or name to path) and its usual order in `ordering`.
    """

    ordering = "-id"
    page_size = 50
    max_page_size = 500

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """One page and whether there are others. Raises ValidationError."""
        limit = limit_of(request, default=self.page_size, most=self.max_page_size)
        self._url = request.build_absolute_uri()
        self._order = self._order_of(request, view, queryset.model)
        self._cursor = self._cursor_of(request, queryset.model)
        rows = list(self._ask(queryset)[: limit + 1])
        self._more = len(rows) > limit
        self._page = rows[:limit]
        if self._cursor and self._cursor.back:
            self._page.reverse()
        return self._page

    def get_paginated_response(self, data: Any) -> Response:
        """The page between its neighbours."""
        return Response({"next": self._link(back=False), "previous": self._link(back=True), "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """How OpenAPI describes a page."""
        link = {"type": "string", "nullable": True, "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """The parameters of a list."""
        return page_parameters(self.page_size, self.max_page_size, sorted(self._columns(view)))

    def _ask(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        cursor = self._cursor
        if cursor is None:
            return self._order.sort(queryset, back=False)
        rows = queryset.filter(self._order.beyond(cursor.value, cursor.key, back=cursor.back))
        return self._order.sort(rows, back=cursor.back)

    def _columns(self, view: Any) -> Mapping[str, str]:
        """What a list may be sorted by: name to path."""
        named: Mapping[str, str] | Sequence[str] = getattr(view, "ordering_fields", ())
        columns = dict(named) if isinstance(named, Mapping) else {name: name for name in named}
        usual = self._usual(view).lstrip("-")
        return {"id": "pk", usual: "pk" if usual == "id" else usual} | columns

    def _usual(self, view: Any) -> str:
        return str(getattr(view, "ordering", None) or self.ordering)

    def _order_of(self, request: Request, view: Any, model: Any) -> Order:
        asked = request.query_params.get(ORDERING) or self._usual(view)
        name, columns = asked.removeprefix("-"), self._columns(view)
        if name not in columns:
            known = ", ".join(sorted(columns))
            raise ValidationError({ORDERING: [_("Sort by one of: %(columns)s.") % {"columns": known}]})
        field, may_lack = _field(model, columns[name])
        return Order(asked, columns[name], asked.startswith("-"), field, may_lack)

    def _cursor_of(self, request: Request, model: Any) -> Cursor | None:
        text = request.query_params.get(CURSOR)
        if not text:
            return None
        try:
            order, back, value, key = cursor_decode(text)
            typed = None if value is None else self._order.field.to_python(value)
            cursor = Cursor(bool(back), typed, model._meta.pk.to_python(key))  # noqa: SLF001 -- Django's documented name
        except (ValueError, TypeError, FieldError) as error:
            raise cursor_fault() from error
        if order != self._order.name or not isinstance(key, int) or not 0 <= key <= LARGEST_KEY:
            raise cursor_fault()
        return cursor

    def _link(self, *, back: bool) -> str | None:
        """The address of the page behind, or before this one; None where there is none."""
        backwards = self._cursor is not None and self._cursor.back
        exists = self._more if back == backwards else self._cursor is not None
        if not exists:
            return None
        if not self._page:
            return remove_query_param(self._url, CURSOR) if back else None
        row = self._page[0] if back else self._page[-1]
        return replace_query_param(
            self._url, CURSOR, cursor_encode([self._order.name, back, *self._order.place(row)])
        )


def page_parameters(size: int, most: int, columns: Sequence[str]) -> list[dict[str, Any]]:
    """`limit`, `cursor` and `ordering` as OpenAPI describes them."""
    found: list[dict[str, Any]] = [
        {
            "name": LIMIT,
            "in": "query",
            "description": f"Rows on a page: {size} unless told; more than {most} is taken as {most}.",
            "schema": {"type": "integer", "minimum": 1, "default": size},
        },
        {
            "name": CURSOR,
            "in": "query",
            "description": "Where a page begins: taken from `next` or `previous` of another page.",
            "schema": {"type": "string"},
        },
    ]
    if columns:
        both = [sign + name for name in columns for sign in ("", "-")]
        text = "The column to sort by, `-` before it for the greatest first; rows without a value come last."
        found.append(
            {
                "name": ORDERING,
                "in": "query",
                "description": text,
                "schema": {"type": "string", "enum": both},
            }
        )
    return found


def _field(model: Any, path: str) -> "tuple[Field[Any, Any], bool]":
    """The column at the end of a path, and whether a row may have no value there."""
    *way, last = path.split("__")
    may_lack = False
    for part in way:
        step = model._meta.get_field(part)  # noqa: SLF001 -- Django's documented name
        may_lack = may_lack or step.null
        model = step.related_model
    field = model._meta.pk if last == "pk" else model._meta.get_field(last)  # noqa: SLF001 -- as above
    return field, may_lack or field.null
