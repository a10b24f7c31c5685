"""Lists in pages (OCPI 2.2.1 §4.1.4.2): the four parameters, oldest first, three headers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from urllib.parse import urlencode

from django.db.models import Model, QuerySet

from ocpi.core.errors import ParametersInvalid
from ocpi.core.fields import parse_moment

Row = TypeVar("Row", bound=Model)
PAGE_LIMIT = 100
"""Most objects on one page: what `X-Limit` says."""
LARGEST_OFFSET = 2**31


@dataclass(frozen=True, slots=True)
class PageQuery:
    """What part of a list is wanted: from (included), to (excluded), offset, limit."""

    date_from: datetime | None
    date_to: datetime | None
    offset: int
    limit: int

    def link(self, url: str, total: int) -> str | None:
        """The absolute address of the next page with all filters, or None on the last one."""
        following = self.offset + self.limit
        if following >= total:
            return None
        return f"{url}?{urlencode({**self._filters(), 'offset': following, 'limit': self.limit})}"

    def headers(self, url: str, total: int) -> dict[str, str]:
        """The headers of this page."""
        link = self.link(url, total)
        headers = {"X-Total-Count": str(total), "X-Limit": str(PAGE_LIMIT)}
        return headers | ({"Link": f'<{link}>; rel="next"'} if link else {})

    def _filters(self) -> dict[str, str]:
        pairs = (("date_from", self.date_from), ("date_to", self.date_to))
        return {name: value.isoformat().replace("+00:00", "Z") for name, value in pairs if value}


def read_rows(
    rows: QuerySet[Row],
    page: PageQuery,
    changed: str = "last_updated",
    count: Callable[[QuerySet[Row]], int] | None = None,
) -> tuple[list[Row], int]:
    """The rows of a page, oldest first, and how many there are in all; `changed` is what the dates limit.

    Keys are counted off in an index, only the rows of the page are read: the last page costs what the first
    does. Where the page ends before its limit nothing has to be counted, else `count` does it where no
    dates limit the list.
    """
    if page.date_from:
        rows = rows.filter(**{f"{changed}__gte": page.date_from})
    if page.date_to:
        rows = rows.filter(**{f"{changed}__lt": page.date_to})
    keys = list(rows.order_by("pk").values_list("pk", flat=True)[page.offset : page.offset + page.limit])
    is_last = len(keys) < page.limit and (keys or not page.offset)
    if is_last:
        total = page.offset + len(keys)
    elif count and not (page.date_from or page.date_to):
        total = count(rows)
    else:
        total = rows.order_by().count()
    return list(rows.filter(pk__in=keys).order_by("pk")) if keys else [], total


def read_page(query: Mapping[str, str], *, date_from_required: bool = False) -> PageQuery:
    """The paging parameters; raises ParametersInvalid (2001) where one is wrong or missing."""
    if date_from_required and not query.get("date_from"):
        raise ParametersInvalid("date_from is missing.", {"date_from": "is missing"})
    limit = _whole(query, "limit", PAGE_LIMIT, least=1)
    return PageQuery(
        _moment(query, "date_from"),
        _moment(query, "date_to"),
        _whole(query, "offset", 0, least=0),
        min(limit, PAGE_LIMIT),
    )


def _moment(query: Mapping[str, str], name: str) -> datetime | None:
    text = query.get(name)
    if not text:
        return None
    moment = parse_moment(text)
    if moment is None:
        raise ParametersInvalid(f"{name} is no date and time.", {name: "is no date and time"})
    return moment


def _whole(query: Mapping[str, str], name: str, default: int, *, least: int) -> int:
    text = query.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and least <= int(text) <= LARGEST_OFFSET):
        raise ParametersInvalid(f"{name} is no whole number from {least} on.", {name: "is out of range"})
    return int(text)
