"""Which event goes to which endpoint: kinds with wildcards, and places."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from emobility.lib.errors import Invalid
from registry.catalog import table
from registry.models import ChargePoint, Event, WebhookEndpoint
from registry.ports import ports

MOST_KINDS: Final = 50
ABOUT_WEBHOOKS: Final = "webhook."
_PATTERN: Final = re.compile(r"[a-z0-9_.*]{1,64}")


def kinds_check(patterns: object) -> list[str]:
    """The patterns, each once; `*` stands for any letters. Raises Invalid for one that fits no kind."""
    if not isinstance(patterns, list | tuple) or not 0 < len(patterns) <= MOST_KINDS:
        raise _fault(_("A list of one to {most} kinds is needed.").format(most=MOST_KINDS))
    for pattern in patterns:
        if not isinstance(pattern, str) or not _PATTERN.fullmatch(pattern):
            raise _fault(_("A kind is written like session.ended, session.* or *."))
        if not any(kind_fits(kind, (pattern,)) for kind in table.KINDS):
            raise _fault(_("No kind of event fits {pattern}.").format(pattern=pattern))
    return list(dict.fromkeys(patterns))


def kind_fits(kind: str, patterns: Collection[str]) -> bool:
    """True where one of the patterns means the kind. A test goes only where it was asked for."""
    return kind != table.TEST and any(_fits(kind, pattern) for pattern in patterns)


def _fits(kind: str, pattern: str) -> bool:
    """As a regular expression would, without its ways back: those take for ever where stars are many."""
    begin, *parts = pattern.split("*")
    if not parts:
        return kind == pattern
    if not kind.startswith(begin):
        return False
    place, end = len(begin), parts.pop()
    for part in parts:
        found = kind.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    return kind.endswith(end) and len(kind) - len(end) >= place


def _fault(sentence: str) -> Invalid:
    return Invalid(sentence, {"kinds": sentence})


@dataclass(frozen=True, slots=True)
class Filter:
    """What an endpoint wants, with its places as keys; without any place it wants all of them."""

    endpoint: WebhookEndpoint
    sites: frozenset[int]
    groups: frozenset[int]
    charge_points: frozenset[int]

    @property
    def has_places(self) -> bool:
        """True where only some charge points are wanted; what belongs to none is left out then."""
        return bool(self.sites or self.groups or self.charge_points)


@dataclass(frozen=True, slots=True)
class Places:
    """Where the charge points of some events stand, and which groups have them."""

    sites: Mapping[int, int | None]
    groups: Mapping[int, set[int]]

    def fit(self, wanted: Filter, charge_point_id: int | None) -> bool:
        """True where the charge point is one of those wanted."""
        if not wanted.has_places:
            return True
        if charge_point_id is None:
            return False
        return (
            charge_point_id in wanted.charge_points
            or self.sites.get(charge_point_id) in wanted.sites
            or any(charge_point_id in self.groups.get(group, ()) for group in wanted.groups)
        )


def filters_of(endpoints: Sequence[WebhookEndpoint]) -> list[Filter]:
    """The filters of endpoints whose places were prefetched."""
    return [
        Filter(
            endpoint,
            frozenset(row.pk for row in endpoint.sites.all()),
            frozenset(row.pk for row in endpoint.groups.all()),
            frozenset(row.pk for row in endpoint.charge_points.all()),
        )
        for endpoint in endpoints
    ]


def places_of(events: Iterable[Event], filters: Iterable[Filter]) -> Places:
    """What the filters must know of the events' charge points: nothing is asked where none has places."""
    wanted = [one for one in filters if one.has_places]
    ids = {event.charge_point_id for event in events if event.charge_point_id is not None}
    if not wanted or not ids:
        return Places({}, {})
    sites = dict(ChargePoint.objects.filter(pk__in=ids).values_list("pk", "site_id"))
    groups = {group for one in wanted for group in one.groups}
    return Places(sites, ports.group_members(groups, ids) if groups else {})


def wants(wanted: Filter, event: Event, places: Places) -> bool:
    """True where the endpoint is to get the event; of its own trouble it is not told."""
    endpoint = wanted.endpoint
    if event.organization_id != endpoint.organization_id or not kind_fits(event.kind, endpoint.kinds):
        return False
    if event.kind.startswith(ABOUT_WEBHOOKS) and event.data.get("endpoint") == str(endpoint.uid):
        return False
    return places.fit(wanted, event.charge_point_id)
