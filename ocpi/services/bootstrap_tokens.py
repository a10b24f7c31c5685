"""Bootstrap tokens (CREDENTIALS_TOKEN_A): issued, revoked, used up once, cleaned away."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from emobility.lib.errors import Conflict, Invalid
from ocpi.core import auth
from ocpi.models import BootstrapToken
from registry.models import Organization, User
from registry.services.audit import audit_record
from registry.services.events import event_append

DEFAULT_HOURS = 24
LONGEST_HOURS = 24 * 31
KEPT_AFTER_EXPIRY = timedelta(days=30)


@transaction.atomic
def bootstrap_token_issue(
    *,
    organization: Organization,
    label: str = "",
    hours: int = DEFAULT_HOURS,
    created_by: User | None = None,
    now: datetime,
) -> tuple[BootstrapToken, str]:
    """A token for one registration within `hours`: the row, and the clear text, which is kept nowhere."""
    if not 1 <= hours <= LONGEST_HOURS:
        raise Invalid("The token must last 1 to 744 hours.", {"hours": "is out of range"})
    token = auth.new_token()
    row = BootstrapToken.objects.create(
        organization=organization,
        digest=auth.digest(token),
        label=label[:100],
        expires_at=now + timedelta(hours=hours),
        created_by=created_by,
    )
    _tell(row, "issued", created_by or "platform", now)
    return row, token


@transaction.atomic
def bootstrap_token_revoke(*, token: BootstrapToken, revoked_by: User | None = None, now: datetime) -> None:
    """End a token that nobody used; raises Conflict where somebody did."""
    if not BootstrapToken.objects.filter(pk=token.pk, used_at=None, revoked_at=None).update(revoked_at=now):
        raise Conflict("The token was used or revoked already.")
    _tell(token, "revoked", revoked_by or "platform", now)


def bootstrap_token_consume(*, token: BootstrapToken, now: datetime) -> bool:
    """Use a token up; True for exactly one caller, however many try at once."""
    fresh = BootstrapToken.objects.filter(pk=token.pk, used_at=None, revoked_at=None, expires_at__gt=now)
    return fresh.update(used_at=now) == 1


def bootstrap_tokens_clean(*, now: datetime) -> int:
    """Forget tokens that ended unused a month ago; used ones stay with their partner. Answers how many."""
    ended = Q(expires_at__lt=now - KEPT_AFTER_EXPIRY) | Q(revoked_at__lt=now - KEPT_AFTER_EXPIRY)
    return BootstrapToken.objects.filter(ended, used_at=None).delete()[0]


def _tell(row: BootstrapToken, what: str, actor: User | str, now: datetime) -> None:
    event_append(
        organization_id=row.organization_id,
        kind=f"bootstrap_token.{what}",
        subject=row.label,
        data={"id": row.pk, "expires_at": row.expires_at.isoformat()},
        now=now,
    )
    audit_record(
        actor=actor,
        action=f"bootstrap_token.{what}",
        organization_id=row.organization_id,
        object_type="bootstrap_token",
        object_id=str(row.pk),
        now=now,
    )
