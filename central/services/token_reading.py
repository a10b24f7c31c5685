"""What an answer about tokens needs of them: many tokens by one statement each."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, When

from central.models import Evse, IdToken, IdTokenGroup, Session
from central.models.session import SessionState
from central.services.prepared import Prepared

Key = tuple[int, str]
"""Organisation and upper-case uid."""
CONTRACT: Final = "eMAID"
_EMAID: Final = re.compile(r"([A-Z]{2})-?([A-Z0-9]{3})-?([A-Z0-9]{9})(?:-?([A-Z0-9]))?")
"""Country, provider, instance, check digit (ISO 15118-2 annex H)."""


@dataclass(frozen=True, slots=True)
class Token:
    """What counts of a token; `limited`: only certain places accept it, `to_evses`: some of them EVSEs."""

    id: int
    blocked: bool
    valid_from: datetime | None
    expires_at: datetime | None
    concurrent_sessions: int | None
    contract_id: str
    language: str
    message: str
    limited: bool
    to_evses: bool
    token_type: str
    group_id: int | None
    group_uid: str | None
    group_blocked: bool | None
    whitelist: str
    issuer_valid: bool
    out_of_credit: bool
    own_party: bool | None
    group_limited: bool

    @property
    def of_partner(self) -> bool:
        """True where a roaming partner issued it."""
        return self.own_party is False


_OWN_SITES: Final = IdToken.sites.through.objects.filter(idtoken_id=OuterRef("pk"))
_OWN_POINTS: Final = IdToken.charge_points.through.objects.filter(idtoken_id=OuterRef("pk"))
_OWN_EVSES: Final = IdToken.evses.through.objects.filter(idtoken_id=OuterRef("pk"))
_GROUP_SITES: Final = IdTokenGroup.sites.through.objects.filter(idtokengroup_id=OuterRef("group_id"))
_LIMITS: Final = (
    Q(group__hours__gt="") | Q(group__energy_budget_wh__isnull=False) | Q(group__money_budget__isnull=False)
)
_COLUMNS: Final = (
    "organization_id",
    "uid_key",
    "id",
    "blocked",
    "valid_from",
    "expires_at",
    "concurrent_sessions",
    "contract_id",
    "language",
    "message",
    "limited",
    "to_evses",
    "token_type",
    "group_id",
    "group__uid",
    "group__blocked",
    "whitelist",
    "issuer_valid",
    "out_of_credit",
    "party__is_own",
    "group_limited",
)


def tokens_read(keys: Collection[Key], *, lock: bool) -> dict[Key, Token]:
    """The tokens by organisation and key; with `lock` locked, in order."""
    if not keys:
        return {}
    rows = (_locked if lock else _read).rows(
        organizations={organization_id for organization_id, _ in keys}, uids={uid_key for _, uid_key in keys}
    )
    return {(organization_id, uid_key): Token(*values) for organization_id, uid_key, *values in rows}


def tokens_wanted(wanted: Mapping[Key, str], *, lock: bool) -> dict[Key, Token]:
    """The tokens by key; of contracts also those that are kept with other hyphens than they are shown with.

    `wanted` tells the type that was shown; 1.6 knows none (""): there only tokens that are kept as contracts
    are some.
    """
    found = tokens_read(wanted.keys(), lock=lock)
    spelled = {
        key: [(key[0], other) for other in spellings(key[1])]
        for key, token_type in wanted.items()
        if key not in found and token_type in {CONTRACT, ""}
    }
    others = tokens_read({other for each in spelled.values() for other in each}, lock=lock)
    for key, each in spelled.items():
        tokens = [others[other] for other in each if other in others]
        contracts = [token for token in tokens if CONTRACT in {wanted[key], token.token_type}]
        if contracts:
            found[key] = contracts[0]
    return found


def spellings(uid: str) -> list[str]:
    """The other ways in which people and cars write the same eMAID; none where `uid` is not one."""
    parts = _EMAID.fullmatch(uid)
    if parts is None:
        return []
    country, provider, instance, check = parts.groups(default="")
    plain = f"{country}{provider}{instance}{check}"
    parted = f"{country}-{provider}-{instance}"
    return [each for each in dict.fromkeys([plain, f"{parted}{check}", f"{parted}-{check}"]) if each != uid]


def _known(organizations: Collection[int], uids: Collection[str]) -> QuerySet[IdToken, Any]:
    rows = IdToken.objects.filter(organization_id__among=organizations, uid_key__among=uids)
    limited = rows.annotate(
        limited=Exists(_OWN_SITES) | Exists(_OWN_POINTS) | Exists(_OWN_EVSES),
        to_evses=Exists(_OWN_EVSES),
        group_limited=Case(When(_LIMITS, then=True), default=Exists(_GROUP_SITES)),
    )
    return limited.order_by("pk").values_list(*_COLUMNS)


_read: Final = Prepared(_known)
_locked: Final = Prepared(
    lambda organizations, uids: _known(organizations, uids).select_for_update(of=("self",))
)


def sessions_running(token_ids: Collection[int]) -> dict[int, list[int]]:
    """Where sessions of the tokens are under way: a charge point for each of them."""
    if not token_ids:
        return {}
    found: dict[int, list[int]] = {}
    for token_id, charge_point_id in _under_way.rows(tokens=token_ids):
        found.setdefault(token_id, []).append(charge_point_id)
    return found


_under_way: Final = Prepared(
    lambda tokens: (
        Session.objects.filter(id_token_id__among=tokens, state=SessionState.ACTIVE, end_seq_no=None)
        .order_by()
        .values_list("id_token_id", "charge_point_id")
    )
)


def is_for(token_id: int, charge_point_id: int) -> bool:
    """True where a token that is limited to certain places may be used at this charge point."""
    here = Q(sites__charge_points=charge_point_id) | Q(charge_points=charge_point_id)
    return IdToken.objects.filter(here, pk=token_id).exists()


def evses_of(token_id: int, charge_point_id: int) -> tuple[int, ...]:
    """The EVSEs of the charge point to which the token is limited; none where it is not, or not here."""
    rows = Evse.objects.filter(charge_point_id=charge_point_id, idtoken=token_id).order_by("number")
    return tuple(rows.values_list("number", flat=True))
