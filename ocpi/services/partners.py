"""The life of a partner after its registration: suspended, resumed, unregistered by us or by it."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime

from django.db import transaction

from emobility.lib.errors import Conflict
from ocpi.core.client import PartnerClient
from ocpi.core.errors import PeerError
from ocpi.models import Partner, PartnerToken
from ocpi.models.partner import PartnerStatus
from ocpi.selectors.partners import endpoint_address
from ocpi.services.partner_rows import partner_tell
from registry.models import User
from registry.services.audit import audit_record


@transaction.atomic
def partner_suspend(*, partner: Partner, actor: User | str, now: datetime) -> None:
    """Refuse everything of a partner and send it nothing, until it is resumed; raises Conflict."""
    _change(partner, PartnerStatus.ACTIVE, PartnerStatus.SUSPENDED)
    partner_tell(partner=partner, what="suspended", actor=actor, now=now)


@transaction.atomic
def partner_resume(*, partner: Partner, actor: User | str, now: datetime) -> None:
    """End a suspension; raises Conflict where there is none."""
    _change(partner, PartnerStatus.SUSPENDED, PartnerStatus.ACTIVE)
    partner_tell(partner=partner, what="resumed", actor=actor, now=now)


def _change(partner: Partner, before: PartnerStatus, after: PartnerStatus) -> None:
    if not Partner.objects.filter(pk=partner.pk, status=before).update(status=after):
        raise Conflict(f"The partner is not {before.label}.")
    partner.status = after


@transaction.atomic
def partner_leniency_set(
    *, partner: Partner, profile: Mapping[str, bool], actor: User | str, now: datetime
) -> None:
    """Say what is let pass of a partner: a switch for each kind of sloppiness."""
    before, after = dict(partner.leniency), {kind: bool(profile[kind]) for kind in sorted(profile)}
    Partner.objects.filter(pk=partner.pk).update(leniency=after)
    partner.leniency = after
    audit_record(
        actor=actor,
        action="partner.leniency_set",
        organization_id=partner.organization_id,
        object_type="partner",
        object_id=str(partner.pk),
        before=before,
        after=after,
        now=now,
    )


def partner_unregister(*, partner: Partner, actor: User | str = "platform", now: datetime) -> None:
    """End a registration: tell the partner (DELETE), then forget both tokens, whether it heard or not.

    No transaction may be open.
    """
    sides = ("SENDER", "RECEIVER")
    url = next(filter(None, (endpoint_address(partner, "credentials", side) for side in sides)), None)
    if url and partner.token_out:
        with suppress(PeerError):
            PartnerClient.of(partner, now).call("DELETE", url, module="credentials")
    partner_end(partner=partner, actor=actor, now=now)


@transaction.atomic
def partner_end(*, partner: Partner, actor: User | str, now: datetime) -> None:
    """Forget both tokens and the endpoints; what was exchanged stays (OCPI 2.2.1 §7.2.4)."""
    partner.tokens.all().delete()
    partner.endpoints.all().delete()
    partner.token_out, partner.registered_at, partner.status = "", None, PartnerStatus.INACTIVE
    partner.save(update_fields=["token_out", "registered_at", "status", "updated_at"])
    partner_tell(partner=partner, what="unregistered", actor=actor, now=now)


def partner_tokens_clean(*, now: datetime) -> int:
    """Forget tokens whose time ended; answers how many."""
    return PartnerToken.objects.filter(expires_at__lte=now).delete()[0]
