"""Which rules hold at a charge point: its own, its groups', its site's, its organisation's; nearest first.

Authorisation asks for them with every message, so they are kept in the process: the rules themselves for
POLICY_LIFE, the places of charge points for PLACE_LIFE. Whoever changes a rule here forgets them at once;
other processes learn it when their copy has grown old.
"""

import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any, Final

from central.models import AuthorizationPolicy
from central.models.authorization_policy import Access, UnknownOffline
from central.selectors.groups import groups_of, members_of
from registry.models import ChargePoint

POLICY_LIFE: Final = timedelta(seconds=2)
PLACE_LIFE: Final = timedelta(seconds=30)
MOST_PLACES: Final = 50_000

POINT, GROUP, SITE = "charge_point", "group", "site"
WHOLE: Final = ("organization", 0)
RULES: Final = (
    "access",
    "unknown_offline",
    "plug_and_charge",
    "group_stop",
    "sessions_at_once",
    "master_group_id",
    "local_list",
    "shows_costs",
)


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules that hold at a place; without a word from anybody these are the defaults."""

    access: str = Access.TOKENS
    unknown_offline: str = UnknownOffline.DENY
    plug_and_charge: bool = True
    group_stop: bool = True
    sessions_at_once: int = 1
    master_group_id: int | None = None
    local_list: bool = False
    shows_costs: bool | None = None
    """None: as the charge point says of itself."""

    @property
    def free(self) -> bool:
        """True where everybody may charge."""
        return self.access == Access.FREE


NOBODY_SPOKE: Final = Policy()
Place = tuple[int | None, frozenset[int]]
"""Where a charge point stands: its site, and those of its groups that speak."""
NOWHERE: Final[Place] = (None, frozenset())
Said = Mapping[tuple[str, int], AuthorizationPolicy]
"""What an organisation says, by place: each has one row at most."""


@dataclass(frozen=True, slots=True)
class Effective:
    """The policy of a charge point, and for each rule the row that set it (None: the default)."""

    policy: Policy
    sources: Mapping[str, AuthorizationPolicy | None]


@dataclass(slots=True)
class _Known:
    """What this process knows: rows by organisation, places of charge points, and since when.

    `placed` are the organisations that say something of sites or groups.
    """

    read_at: datetime | None = None
    said: dict[int, Said] = field(default_factory=dict)
    placed: frozenset[int] = frozenset()
    places: dict[int, tuple[datetime | None, Place]] = field(default_factory=dict)
    made: dict[tuple[int, int, Place], Policy] = field(default_factory=dict)


_known = _Known()
_lock = threading.Lock()


def policies_of(charge_points: Mapping[int, int], *, now: datetime | None = None) -> dict[int, Policy]:
    """The policies of charge points (id -> organisation id), mostly without a statement.

    Where organisations have rules for sites or groups, places that are not known yet cost one statement for
    all of them and one for each of these groups.
    Without `now` what is known counts, however old.
    """
    with _lock:
        known = _fresh(now)
        if not known.said:
            return dict.fromkeys(charge_points, NOBODY_SPOKE)
        now = now or known.read_at
        _learn_places(known, [pk for pk, owner in charge_points.items() if owner in known.placed], now)
        return {pk: _policy(known, pk, owner) for pk, owner in charge_points.items()}


def policies_forget() -> None:
    """Read everything anew with the next question."""
    global _known  # noqa: PLW0603 -- the one copy of this process
    with _lock:
        _known = _Known()


def policy_rows(organization_id: int) -> list[AuthorizationPolicy]:
    """All that an organisation says, with its places."""
    rows = AuthorizationPolicy.objects.filter(organization_id=organization_id)
    return list(rows.select_related("organization", "site", "group", "charge_point", "master_group"))


def policy_effective(
    charge_point: ChargePoint, rows: Sequence[AuthorizationPolicy] | None = None
) -> Effective:
    """The policy of one charge point and where each rule comes from; `rows` as policy_rows gives them."""
    said = _by_place(policy_rows(charge_point.organization_id) if rows is None else rows)
    return _effective(_nearest(said, charge_point.pk, _at(charge_point, said)))


def policy_at(policy: AuthorizationPolicy) -> Effective:
    """What holds at the place for which a policy speaks."""
    if policy.charge_point is not None:
        return policy_effective(policy.charge_point)
    groups = frozenset() if policy.group_id is None else frozenset({policy.group_id})
    said = _by_place(policy_rows(policy.organization_id))
    return _effective(_nearest(said, 0, (policy.site_id, groups)))


def _effective(chosen: Sequence[AuthorizationPolicy]) -> Effective:
    return Effective(_folded(chosen), {name: _speaker(chosen, name) for name in RULES})


def _fresh(now: datetime | None) -> _Known:
    global _known  # noqa: PLW0603 -- the one copy of this process
    if _known.read_at is None or (now is not None and abs(now - _known.read_at) > POLICY_LIFE):
        rows: dict[int, list[AuthorizationPolicy]] = {}
        for row in AuthorizationPolicy.objects.select_related("group"):
            rows.setdefault(row.organization_id, []).append(row)
        places = _known.places if len(_known.places) < MOST_PLACES else {}
        said = {owner: _by_place(own) for owner, own in rows.items()}
        placed = {owner for owner, own in said.items() for kind, _ in own if kind in {SITE, GROUP}}
        _known = _Known(now, said, frozenset(placed), places)
    return _known


def _by_place(rows: Iterable[AuthorizationPolicy]) -> Said:
    return {_place_of(row): row for row in rows}


def _place_of(row: AuthorizationPolicy) -> tuple[str, int]:
    for kind, key in ((POINT, row.charge_point_id), (GROUP, row.group_id), (SITE, row.site_id)):
        if key is not None:
            return kind, key
    return WHOLE


def _learn_places(known: _Known, charge_point_ids: Collection[int], now: datetime | None) -> None:
    missing = [pk for pk in charge_point_ids if not _is_known(known.places.get(pk), now)]
    if missing:
        groups = _groups(known, missing)
        rows = ChargePoint.objects.filter(pk__in=missing).values_list("pk", "site_id")
        for pk, site_id in rows:
            known.places[pk] = now, (site_id, frozenset(groups.get(pk, ())))


def _groups(known: _Known, charge_point_ids: Collection[int]) -> dict[int, set[int]]:
    """Which of the groups that speak have these charge points, by hand or by rule."""
    found: dict[int, set[int]] = {}
    for group in {
        row.group for said in known.said.values() for row in said.values() if row.group is not None
    }:
        for pk in members_of(group).filter(pk__in=charge_point_ids).values_list("pk", flat=True):
            found.setdefault(pk, set()).add(group.pk)
    return found


def _is_known(place: tuple[datetime | None, Place] | None, now: datetime | None) -> bool:
    if place is None:
        return False
    learnt_at = place[0]
    return now is None or (learnt_at is not None and abs(now - learnt_at) <= PLACE_LIFE)


def _policy(known: _Known, charge_point_id: int, organization_id: int) -> Policy:
    said = known.said.get(organization_id)
    if not said:
        return NOBODY_SPOKE
    place = known.places[charge_point_id][1] if charge_point_id in known.places else NOWHERE
    key = (organization_id, charge_point_id, place)
    made = known.made.get(key)
    if made is None:
        made = known.made[key] = _folded(_nearest(said, charge_point_id, place))
    return made


def _at(charge_point: ChargePoint, said: Said) -> Place:
    speaking = [key for kind, key in said if kind == GROUP]
    mine = groups_of(charge_point).filter(pk__in=speaking) if speaking else ()
    return charge_point.site_id, frozenset(group.pk for group in mine)


def _nearest(said: Said, charge_point_id: int, place: Place) -> list[AuthorizationPolicy]:
    """The rows that speak of a charge point, nearest first; of its groups the one whose rule is oldest."""
    site_id, groups = place
    own = said.get((POINT, charge_point_id))
    grouped = sorted((said[GROUP, key] for key in groups if (GROUP, key) in said), key=lambda row: row.pk)
    around = said.get((SITE, site_id)) if site_id is not None else None
    return [row for row in (own, *grouped, around, said.get(WHOLE)) if row is not None]


def _speaker(rows: Iterable[AuthorizationPolicy], name: str) -> AuthorizationPolicy | None:
    return next((row for row in rows if getattr(row, name) not in {None, ""}), None)


def _folded(rows: Iterable[AuthorizationPolicy]) -> Policy:
    chosen: dict[str, Any] = {}
    listed = list(rows)
    for each in fields(Policy):
        speaker = _speaker(listed, each.name)
        if speaker is not None:
            chosen[each.name] = getattr(speaker, each.name)
    return Policy(**chosen)
