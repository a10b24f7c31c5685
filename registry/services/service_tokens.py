"""Access tokens of service accounts: JWTs with the role `service`, for clients that cannot send a key."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from emobility.lib.errors import Conflict, Invalid
from registry.models import ServiceAccount, User
from registry.services.audit import audit_record
from registry.services.revocations import is_revoked
from registry.services.service_accounts import escalation_check
from registry.services.tokens import InvalidToken, claims_sign, claims_to_be_ours, claims_verify

ISSUER: Final = "emobility-service"
AUDIENCE: Final = "emobility-api"
LONGEST_LIFE: Final = timedelta(hours=168)


def service_token_issue(
    *,
    account: ServiceAccount,
    lifetime: timedelta | None = None,
    actor: User,
    address: str = "",
    now: datetime,
) -> tuple[str, datetime]:
    """A token of the account (default ACCESS_TOKEN_EXPIRE_MINUTES, at most 168 hours), and when it ends.

    Raises Conflict where the account is not active, Invalid, Forbidden as for a key.
    """
    escalation_check(scopes=account.scopes, actor=actor)
    life = lifetime or timedelta(minutes=settings.ACCESS_TOKEN_EXPIRE_MINUTES)
    if not account.is_active:
        raise Conflict(str(_("The service account is not active.")))
    if not timedelta(0) < life <= LONGEST_LIFE:
        raise Invalid(str(_("The token cannot be made.")), {"lifetime": str(_("At most 168 hours."))})
    token, ends = claims_sign(
        subject=str(account.uid),
        version=account.token_version,
        key=settings.API_JWT_KEY,
        life=life,
        now=now,
        issuer=ISSUER,
        audience=AUDIENCE,
        extra={"role": str(account.role), "roles": [str(account.role)]},
    )
    audit_record(
        actor=actor,
        action="service_account.token_issued",
        organization_id=account.organization_id,
        object_type="service_account",
        object_id=str(account.pk),
        after={"name": account.name, "until": ends.isoformat()},
        remote_address=address,
        now=now,
    )
    return token, ends


def is_service_token(token: str) -> bool:
    """True where a token says, unproved, that it is a service account's."""
    return claims_to_be_ours(token, ISSUER)


def service_account_by_token(*, token: str, now: datetime) -> ServiceAccount:
    """The active account that shows a genuine token. Raises InvalidToken."""
    claims = claims_verify(token, now, [settings.API_JWT_KEY], issuer=ISSUER, audience=AUDIENCE)
    rows = ServiceAccount.objects.select_related("organization").filter(is_active=True)
    found: ServiceAccount | None = rows.filter(uid=_uid(claims.subject)).first()
    if found is None or found.token_version != claims.version or is_revoked(claims.token_id):
        raise InvalidToken
    return found


def _uid(subject: str) -> UUID:
    try:
        return UUID(subject)
    except ValueError as error:
        raise InvalidToken from error
