"""Reading the log: all its sources as one list, newest first, and how much there is of what.

A place in the list is the last key that was shown of each source. Rows that come later have greater keys, so
no page shifts; within a page entries stand in the order of their time.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import Count, Q
from django.db.models.functions import TruncDay, TruncHour
from django.utils.translation import gettext as _

from central.selectors.log_sources import SOURCES, Rows, Source, entry_of
from emobility.lib.errors import Forbidden
from registry.rights import may

Place = dict[str, int]
"""The key by source below which the next page begins."""
CHUNK: Final = 500
HOUR, DAY = "hour", "day"
_TURN: Final = {HOUR: TruncHour, DAY: TruncDay}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the log is asked for; empty means everything."""

    type: str = ""
    charge_point: str = ""
    begin: datetime | None = None
    end: datetime | None = None
    text: str = ""
    level: str = ""


@dataclass(slots=True)
class Page:
    """Some entries, and where the next page begins; None at the end."""

    entries: list[dict[str, Any]]
    following: Place | None


@dataclass(frozen=True, slots=True)
class Summary:
    """How many entries there are, by what they are."""

    total: int = 0
    types: dict[str, int] = field(default_factory=dict)
    levels: dict[str, int] = field(default_factory=dict)
    actions: list[dict[str, Any]] = field(default_factory=list)
    periods: list[dict[str, Any]] = field(default_factory=list)


def sources_for(actor: Any, wanted: Wanted) -> list[Source]:
    """The sources of the type that the actor may read. Raises Forbidden where there is none of them."""
    found = [each for each in SOURCES if wanted.type in {"", each.type} and may(actor, each.right)]
    if not found:
        raise Forbidden(_("Your role may not do this."))
    return found


def log_page(actor: Any, wanted: Wanted, place: Mapping[str, int] | None, limit: int) -> Page:
    """Up to `limit` entries behind a place. Raises Forbidden."""
    found: dict[str, list[dict[str, Any]]] = {}
    sources = {source.name: source for source in sources_for(actor, wanted)}
    for name, source in sources.items():
        rows = _rows(source, actor, wanted)
        if place is not None:
            rows = rows.filter(id__lt=place.get(name, 0))
        found[name] = list(source.told(rows.order_by("-id"))[: limit + 1])
    chosen = list(islice(_merged(found), limit))
    following = {name: rows[0]["id"] + 1 if rows else 0 for name, rows in found.items()}
    for name, row in chosen:
        following[name] = row["id"]
    entries = [entry_of(sources[name], row) for name, row in chosen]
    more = sum(len(rows) for rows in found.values()) > len(chosen)
    return Page(entries, following if more else None)


def log_entries(actor: Any, wanted: Wanted, most: int | None) -> Iterator[dict[str, Any]]:
    """Entries newest first, read in portions, at most so many."""
    place: Place | None = None
    left = most
    while left is None or left > 0:
        page = log_page(actor, wanted, place, CHUNK if left is None else min(CHUNK, left))
        yield from page.entries
        left = None if left is None else left - len(page.entries)
        place = page.following
        if place is None:
            return


def log_summary(actor: Any, wanted: Wanted, period: str, zone: ZoneInfo) -> Summary:
    """How much there is by type, level, action and period. Raises Forbidden."""
    summary, total = Summary(), 0
    periods: dict[datetime, dict[str, int]] = {}
    for source in sources_for(actor, wanted):
        rows = _rows(source, actor, wanted).order_by()
        turn = _TURN[period](source.at, tzinfo=zone)
        told = rows.values(log_action=source.action, log_level=source.level, log_period=turn)
        actions: dict[str, int] = {}
        for row in told.annotate(count=Count("id")):
            count = row["count"]
            total += count
            summary.types[source.type] = summary.types.get(source.type, 0) + count
            summary.levels[row["log_level"]] = summary.levels.get(row["log_level"], 0) + count
            actions[row["log_action"]] = actions.get(row["log_action"], 0) + count
            by_type = periods.setdefault(row["log_period"], {})
            by_type[source.type] = by_type.get(source.type, 0) + count
        summary.actions.extend(
            {"type": source.type, "action": action, "count": count} for action, count in actions.items()
        )
    summary.actions.sort(key=lambda each: (-each["count"], each["type"], each["action"]))
    summary.periods.extend({"from": begin, "types": periods[begin]} for begin in sorted(periods))
    return Summary(total, summary.types, summary.levels, summary.actions, summary.periods)


def _merged(found: Mapping[str, Sequence[dict[str, Any]]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Rows of all sources by time, newest first; each source stays in the order of its keys."""
    ordered = [[(name, row) for row in rows] for name, rows in found.items()]
    return merge(*ordered, key=lambda each: each[1]["log_at"], reverse=True)


def _rows(source: Source, actor: Any, wanted: Wanted) -> Rows:
    rows: Any = source.rows()
    rows = rows.visible_to(actor)
    if wanted.charge_point:
        rows = rows.filter(_of_charge_point(source, wanted.charge_point))
    if wanted.begin is not None:
        rows = rows.filter(**{f"{source.at}__gte": wanted.begin})
    if wanted.end is not None:
        rows = rows.filter(**{f"{source.at}__lt": wanted.end})
    if wanted.level:
        rows = rows.alias(log_level=source.level).filter(log_level=wanted.level)
    return source.search(rows, wanted.text) if wanted.text else rows


def _of_charge_point(source: Source, cp_id: str) -> Q:
    if source.charge_point:
        return Q(**{source.charge_point: cp_id})
    return Q(object_type__in=("charge_point", "chargepoint"), object_id=cp_id)
