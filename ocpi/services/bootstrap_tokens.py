"""Bootstrap tokens (CREDENTIALS_TOKEN_A): issued, revoked, used up once, cleaned away."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from emobility.lib.errors import Conflict, Invalid
from ocpi.core import auth
from ocpi.core.configuration import ROLES
from ocpi.core.figures import BOOTSTRAP_TOKENS
from ocpi.models import BootstrapToken, Partner
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
    party: str = "",
    roles: Sequence[str] = (),
    created_by: User | None = None,
    now: datetime,
) -> tuple[BootstrapToken, str]:
    """A token for one registration within `hours`: the row, and the clear text, which is kept nowhere.

    With a `party` ("DE-ABC") or `roles` nobody else can register with it. Raises Invalid.
    """
    if not 1 <= hours <= LONGEST_HOURS:
        raise Invalid("The token must last 1 to 744 hours.", {"hours": "is out of range"})
    country_code, party_id = _party(party)
    if unknown := [role for role in roles if role not in ROLES]:
        raise Invalid("There is no such role.", {"roles": f"{unknown[0]} is none"})
    token = auth.new_token()
    row = BootstrapToken.objects.create(
        organization=organization,
        digest=auth.digest(token),
        label=label[:100],
        country_code=country_code,
        party_id=party_id,
        roles=list(roles),
        expires_at=now + timedelta(hours=hours),
        created_by=created_by,
    )
    _tell(row, "issued", created_by or "platform", now)
    return row, token


def _party(text: str) -> tuple[str, str]:
    """Country code and party id of "DE-ABC", empty ones of ""."""
    country_code, _, party_id = text.strip().upper().partition("-")
    fits = len(country_code) == 2 and country_code.isalpha() and len(party_id) == 3 and party_id.isalnum()
    if text and not (fits and text.isascii()):
        raise Invalid("A party is two letters, a dash, three characters: DE-ABC.", {"party": "is none"})
    return country_code, party_id


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


def bootstrap_token_used(*, token: BootstrapToken, partner: Partner, now: datetime) -> None:
    """Write down who used a token up; belongs into the same transaction."""
    BootstrapToken.objects.filter(pk=token.pk).update(used_by=partner)
    _tell(token, "used", str(partner), now)


@transaction.atomic
def bootstrap_tokens_clean(
    *,
    organization: Organization | None = None,
    kept: timedelta = KEPT_AFTER_EXPIRY,
    actor: User | str = "platform",
    now: datetime,
) -> int:
    """Forget tokens that ended unused longer than `kept` ago, of one organisation or of all; how many.

    Used ones stay with their partner.
    """
    ended = Q(expires_at__lt=now - kept) | Q(revoked_at__lt=now - kept)
    rows = BootstrapToken.objects.filter(ended, used_at=None)
    if organization is not None:
        rows = rows.filter(organization=organization)
    count = rows.delete()[0]
    if count:
        audit_record(
            actor=actor,
            action="bootstrap_token.cleaned",
            organization_id=organization.pk if organization else None,
            object_type="bootstrap_token",
            object_id="",
            after={"count": count},
            now=now,
        )
        transaction.on_commit(lambda: BOOTSTRAP_TOKENS.labels("cleaned").inc(count))
    return count


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
        after={"label": row.label, "party": row.party, "roles": row.roles},
        now=now,
    )
    transaction.on_commit(lambda: BOOTSTRAP_TOKENS.labels(what).inc())
