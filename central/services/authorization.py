"""May this token charge here now? Five answers, from validity, state, group, scope and sessions under way."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet, Value

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


def authorize(
    *, charge_point_id: int, uid: str, token_type: str = "", now: datetime, starting: bool = False
) -> Authorization:
    """Answer for a token shown at a charge point; unknown tokens are Invalid. Writes nothing.

    Sessions at the same charge point count only when `starting`: who shows a card at the charge point where
    it charges may want to stop (1.6 §4.1, 2.x C01). `starting` also locks the token, so that two starts
    at once cannot both be the only one.
    """
    if token_type == NO_AUTHORIZATION:
        return Authorization(AuthorizationStatus.ACCEPTED, reason="no_authorization")
    tokens = _tokens(charge_point_id, uid)
    token = (tokens.select_for_update(of=("self",)) if starting else tokens).first()
    if token is None:
        return Authorization(AuthorizationStatus.INVALID, reason="unknown")
    status, reason = _judge(token, charge_point_id, now, starting=starting)
    return Authorization(
        status,
        token.pk,
        token.group.uid if token.group else "",
        token.expires_at,
        reason,
        token.contract_id,
    )


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


def _tokens(charge_point_id: int, uid: str) -> QuerySet[IdToken]:
    """The organisation's token `uid`, with `limited` (to certain places) and `here` (this is one of them)."""
    place = ChargePoint.objects.filter(pk=charge_point_id)
    own_sites = IdToken.sites.through.objects.filter(idtoken_id=OuterRef("pk"))
    own_points = IdToken.charge_points.through.objects.filter(idtoken_id=OuterRef("pk"))
    return (
        IdToken.objects.select_related("group")
        .filter(organization_id__in=place.values("organization_id"), uid_key=uid.upper())
        .annotate(
            limited=Exists(own_sites) | Exists(own_points),
            here=Exists(own_sites.filter(site_id__in=place.values("site_id")))
            | Exists(own_points.filter(chargepoint_id=Value(charge_point_id))),
        )
    )


def _judge(
    token: IdToken, charge_point_id: int, now: datetime, *, starting: bool
) -> tuple[AuthorizationStatus, str]:
    if token.blocked:
        return AuthorizationStatus.BLOCKED, "token_blocked"
    if token.group is not None and token.group.blocked:
        return AuthorizationStatus.BLOCKED, "group_blocked"
    if token.expires_at is not None and token.expires_at <= now:
        return AuthorizationStatus.EXPIRED, "expired"
    return _judge_use(token, charge_point_id, now, starting=starting)


def _judge_use(
    token: IdToken, charge_point_id: int, now: datetime, *, starting: bool
) -> tuple[AuthorizationStatus, str]:
    if token.valid_from is not None and token.valid_from > now:
        return AuthorizationStatus.INVALID, "not_yet_valid"
    if getattr(token, "limited", False) and not getattr(token, "here", False):
        return AuthorizationStatus.INVALID, "out_of_scope"
    if _is_charging(token, charge_point_id, starting=starting):
        return AuthorizationStatus.CONCURRENT_TX, "sessions_at_once"
    return AuthorizationStatus.ACCEPTED, ""


def _is_charging(token: IdToken, charge_point_id: int, *, starting: bool) -> bool:
    if not token.concurrent_sessions:
        return False
    running = Session.objects.filter(id_token=token, state=SessionState.ACTIVE, end_seq_no=None)
    if not starting:
        running = running.filter(~Q(charge_point_id=charge_point_id))
    return running.count() >= token.concurrent_sessions
