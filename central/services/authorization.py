"""May this token charge here now? Five answers, from validity, state, group, scope and sessions under way."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from django.db.models import Exists, OuterRef, Q

from central.models import IdToken, Session
from central.models.session import SessionState
from registry.models import ChargePoint

NO_AUTHORIZATION: Final = "NoAuthorization"


class AuthorizationStatus(StrEnum):
    """The answers as OCPP spells them in every version."""

    ACCEPTED = "Accepted"
    BLOCKED = "Blocked"
    EXPIRED = "Expired"
    INVALID = "Invalid"
    CONCURRENT_TX = "ConcurrentTx"


@dataclass(frozen=True, slots=True)
class Authorization:
    """The answer and what belongs to it; `reason` says in one word why not."""

    status: AuthorizationStatus
    id_token_id: int | None = None
    group_uid: str = ""
    expires_at: datetime | None = None
    reason: str = ""
    contract_id: str = ""

    @property
    def accepted(self) -> bool:
        """True where charging may begin."""
        return self.status is AuthorizationStatus.ACCEPTED


@dataclass(frozen=True, slots=True)
class Shown:
    """A token that was shown at a charge point of an organisation; `starting`: a session begins with it."""

    charge_point_id: int
    organization_id: int
    uid: str
    token_type: str
    now: datetime
    starting: bool = False


@dataclass(frozen=True, slots=True)
class _Token:
    """What counts of a token; `limited`: only certain sites or charge points accept it."""

    id: int
    blocked: bool
    valid_from: datetime | None
    expires_at: datetime | None
    concurrent_sessions: int
    contract_id: str
    limited: bool
    group_uid: str | None
    group_blocked: bool | None


def authorize(
    *, charge_point_id: int, uid: str, token_type: str = "", now: datetime, starting: bool = False
) -> Authorization:
    """The answer for one token; see `authorize_many`."""
    organization_id = ChargePoint.objects.values_list("organization_id", flat=True).get(pk=charge_point_id)
    return authorize_many([Shown(charge_point_id, organization_id, uid, token_type, now, starting)])[0]


def authorize_many(shown: Sequence[Shown]) -> list[Authorization]:
    """Answers for tokens shown at charge points, in their order; unknown ones are Invalid. Writes nothing.

    Sessions at the same charge point count only when `starting`: who shows a card at the charge point where
    it charges may want to stop (1.6 §4.1, 2.x C01). `starting` also locks the token, so that two starts
    at once cannot both be the only one; a session that starts counts for those that come after it.
    """
    tokens = _tokens(shown)
    places = _running({token.id for token in tokens.values() if token.concurrent_sessions})
    answers = []
    for one in shown:
        token = tokens.get(_key(one))
        if one.token_type == NO_AUTHORIZATION:
            answers.append(Authorization(AuthorizationStatus.ACCEPTED, reason="no_authorization"))
        elif token is None:
            answers.append(Authorization(AuthorizationStatus.INVALID, reason="unknown"))
        else:
            running = places.setdefault(token.id, [])
            status, reason = _judge(token, one, running)
            expires_at, group_uid = token.expires_at, token.group_uid or ""
            answers.append(Authorization(status, token.id, group_uid, expires_at, reason, token.contract_id))
            if one.starting:
                running.append(one.charge_point_id)
    return answers


def same_holder(session: Session, uid: str) -> bool:
    """True where `uid` is the session's own token or one of its group: both may stop it."""
    if not uid or uid.upper() == session.id_tag.upper():
        return True
    if session.id_token_id is None:
        return False
    group = IdToken.objects.filter(pk=session.id_token_id).exclude(group=None).values("group_id")
    return IdToken.objects.filter(
        organization_id=session.organization_id, uid_key=uid.upper(), group_id__in=group
    ).exists()


def _key(shown: Shown) -> tuple[int, str]:
    return shown.organization_id, shown.uid.upper()


def _tokens(shown: Sequence[Shown]) -> dict[tuple[int, str], _Token]:
    """The tokens by organisation and key; locked, in order, where one of them starts a session."""
    keys = {_key(one) for one in shown if one.token_type != NO_AUTHORIZATION}
    if not keys:
        return {}
    rows = IdToken.objects.filter(
        organization_id__in={organization_id for organization_id, _ in keys},
        uid_key__in={uid_key for _, uid_key in keys},
    ).order_by("pk")
    if any(one.starting for one in shown):
        rows = rows.select_for_update(of=("self",))
    limited = rows.annotate(limited=Exists(_OWN_SITES) | Exists(_OWN_POINTS))
    found = {}
    for organization_id, uid_key, *values in limited.values_list(*_COLUMNS):
        found[organization_id, uid_key] = _Token(*values)
    return found


_OWN_SITES: Final = IdToken.sites.through.objects.filter(idtoken_id=OuterRef("pk"))
_OWN_POINTS: Final = IdToken.charge_points.through.objects.filter(idtoken_id=OuterRef("pk"))
_COLUMNS: Final = (
    "organization_id",
    "uid_key",
    "id",
    "blocked",
    "valid_from",
    "expires_at",
    "concurrent_sessions",
    "contract_id",
    "limited",
    "group__uid",
    "group__blocked",
)


def _running(token_ids: Collection[int]) -> dict[int, list[int]]:
    """Where sessions of the tokens are under way: a charge point for each of them."""
    if not token_ids:
        return {}
    found: dict[int, list[int]] = {}
    rows = Session.objects.filter(id_token_id__in=token_ids, state=SessionState.ACTIVE, end_seq_no=None)
    for token_id, charge_point_id in rows.values_list("id_token_id", "charge_point_id"):
        if token_id is not None:
            found.setdefault(token_id, []).append(charge_point_id)
    return found


def _judge(token: _Token, shown: Shown, running: Sequence[int]) -> tuple[AuthorizationStatus, str]:
    if token.blocked:
        return AuthorizationStatus.BLOCKED, "token_blocked"
    if token.group_blocked:
        return AuthorizationStatus.BLOCKED, "group_blocked"
    if token.expires_at is not None and token.expires_at <= shown.now:
        return AuthorizationStatus.EXPIRED, "expired"
    return _judge_use(token, shown, running)


def _judge_use(token: _Token, shown: Shown, running: Sequence[int]) -> tuple[AuthorizationStatus, str]:
    if token.valid_from is not None and token.valid_from > shown.now:
        return AuthorizationStatus.INVALID, "not_yet_valid"
    if token.limited and not _is_here(token, shown.charge_point_id):
        return AuthorizationStatus.INVALID, "out_of_scope"
    count = sum(shown.starting or place != shown.charge_point_id for place in running)
    if token.concurrent_sessions and count >= token.concurrent_sessions:
        return AuthorizationStatus.CONCURRENT_TX, "sessions_at_once"
    return AuthorizationStatus.ACCEPTED, ""


def _is_here(token: _Token, charge_point_id: int) -> bool:
    """True where a token that is limited to certain places may be used at this charge point."""
    here = Q(sites__charge_points=charge_point_id) | Q(charge_points=charge_point_id)
    return IdToken.objects.filter(here, pk=token.id).exists()
