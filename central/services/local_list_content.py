"""What a charge point's local list should hold, and what must be sent to get there (1.6 §3.5.2, 2.x D01)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from central.models import IdToken, LocalListEntry
from central.models.authorization_policy import UnknownOffline
from central.models.id_token import Whitelist
from central.services.authorization import NO_AUTHORIZATION, AuthorizationStatus
from central.services.policies import Policy, policy_effective
from central.services.token_reading import CONTRACT
from registry.models import ChargePoint

LONGEST: Final = {"1.6": 20, "2.0.1": 36, "2.1": 255}
"""Characters of a tag that fit (CiString20Type, identifierString)."""
CENTRAL: Final = "Central"
TYPES_2_0_1: Final = frozenset({"eMAID", "ISO14443", "ISO15693", "KeyCode", "Local", "MacAddress", CENTRAL})
"""IdTokenEnumType; every other type goes as Central. 2.1 lets each have its own name."""
LONGEST_PARENT: Final = 20
MANY: Final = 10_000
"""Where a charge point says nothing of its limits."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A tag and what the charge point shall answer for it; without `info` it is taken off the list.

    `info` has status, and where they apply expires_at, group, evses, language and message.
    """

    uid: str
    token_type: str
    info: Mapping[str, Any] | None

    @property
    def key(self) -> tuple[str, str]:
        """By which a list knows it: tags differ in letters' case nowhere."""
        return self.uid.upper(), self.token_type


@dataclass(frozen=True, slots=True)
class Wanted:
    """The list as it should be; `left_out` tags found no room, or are too long for the version."""

    entries: Sequence[Entry]
    left_out: int


def list_wanted(*, charge_point: ChargePoint, version: str, most: int = MANY, now: datetime) -> Wanted:
    """The tags that may charge here, those used last first; `most` is how many the charge point can keep.

    Where the policy accepts unknown tags offline, the list also names those that it must refuse (§3.5.4).
    """
    policy = policy_effective(charge_point).policy
    entries: list[Entry] = []
    left_out = 0
    for token in _candidates(charge_point, policy):
        if _must_ask(token, charge_point):
            continue
        info = _info(token, charge_point.pk, policy, version, now)
        if info is None:
            continue
        if len(token.uid) > LONGEST[version] or len(entries) >= most:
            left_out += 1
            continue
        entries.append(Entry(token.uid, type_in(version, token.token_type), info))
    return Wanted(entries, left_out)


def type_in(version: str, token_type: str) -> str:
    """The type of a tag as a version writes it; 1.6 knows none."""
    if version == "1.6":
        return ""
    return token_type if version == "2.1" or token_type in TYPES_2_0_1 else CENTRAL


def entries_stored(charge_point_id: int) -> list[Entry]:
    """The list as the charge point last accepted it."""
    rows = LocalListEntry.objects.filter(local_list__charge_point=charge_point_id).order_by("pk")
    return [Entry(*values) for values in rows.values_list("uid", "token_type", "info")]


def entries_missing(wanted: Sequence[Entry], stored: Sequence[Entry]) -> list[Entry]:
    """What turns `stored` into `wanted`: removals first, they make room."""
    should = {entry.key: entry for entry in wanted}
    has = {entry.key: entry for entry in stored}
    gone = [Entry(entry.uid, entry.token_type, None) for key, entry in has.items() if key not in should]
    changed = [
        entry for key, entry in should.items() if key not in has or dict(has[key].info or {}) != entry.info
    ]
    return gone + changed


def _candidates(charge_point: ChargePoint, policy: Policy) -> QuerySet[IdToken]:
    through = IdToken.sites.through.objects.filter(idtoken_id=OuterRef("pk"))
    points = IdToken.charge_points.through.objects.filter(idtoken_id=OuterRef("pk"))
    evses = IdToken.evses.through.objects.filter(idtoken_id=OuterRef("pk"))
    here = (
        Exists(through.filter(site=charge_point.site))
        | Exists(points.filter(chargepoint_id=charge_point.pk))
        | Exists(evses.filter(evse__charge_point_id=charge_point.pk))
    )
    anywhere = ~Exists(through) & ~Exists(points) & ~Exists(evses)
    tokens = IdToken.objects.filter(Q(here) | Q(anywhere), organization_id=charge_point.organization_id)
    tokens = tokens.exclude(token_type=NO_AUTHORIZATION).exclude(
        party__is_own=False, whitelist=Whitelist.NEVER
    )
    if not policy.plug_and_charge:
        tokens = tokens.exclude(token_type=CONTRACT)
    place = evses.filter(evse__charge_point_id=charge_point.pk)
    return (
        tokens.annotate(to_evses=Exists(place))
        .select_related("group")
        .prefetch_related("group__sites")
        .order_by(F("last_used").desc(nulls_last=True), "pk")
    )


def _info(
    token: Any, charge_point_id: int, policy: Policy, version: str, now: datetime
) -> dict[str, Any] | None:
    """What the charge point shall answer; None where the tag is not to be on the list."""
    status = _status(token, policy, now)
    is_master = token.group_id is not None and token.group_id == policy.master_group_id
    if status is None or (version == "1.6" and (is_master or token.to_evses)):
        return None
    info: dict[str, Any] = {"status": status.value}
    if token.expires_at is not None:
        info["expires_at"] = _as_text(token.expires_at)
    group = token.group.uid if token.group is not None and (policy.group_stop or is_master) else ""
    if group and (version != "1.6" or len(group) <= LONGEST_PARENT):
        info["group"] = group
    return info if version == "1.6" else info | _details(token, charge_point_id)


def _must_ask(token: Any, charge_point: ChargePoint) -> bool:
    """True for tags of groups with hours or a budget, which no list can know, or for other sites only."""
    group = token.group
    if group is None:
        return False
    if group.hours or group.energy_budget_wh is not None or group.money_budget is not None:
        return True
    sites = {site.pk for site in group.sites.all()}
    return bool(sites) and charge_point.site_id not in sites


def _details(token: Any, charge_point_id: int) -> dict[str, Any]:
    """What only 2.x can tell."""
    details: dict[str, Any] = {}
    if token.to_evses:
        details["evses"] = sorted(
            token.evses.filter(charge_point_id=charge_point_id).values_list("number", flat=True)
        )
    if token.language:
        details["language"] = token.language
    if token.message:
        details["message"] = token.message
    return details


def _status(token: IdToken, policy: Policy, now: datetime) -> AuthorizationStatus | None:
    refused = policy.unknown_offline == UnknownOffline.ACCEPT
    if token.blocked or not token.issuer_valid or (token.group is not None and token.group.blocked):
        return AuthorizationStatus.BLOCKED if refused else None
    if token.expires_at is not None and token.expires_at <= now:
        return AuthorizationStatus.EXPIRED if refused else None
    if token.valid_from is not None and token.valid_from > now:
        return AuthorizationStatus.INVALID if refused else None
    return AuthorizationStatus.ACCEPTED


def _as_text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
