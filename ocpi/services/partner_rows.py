"""What a registration leaves behind: partner, parties, endpoints, tokens, and a word in log and audit."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from ocpi.core import auth
from ocpi.core.errors import MethodRefused, ParametersInvalid
from ocpi.models import Partner, PartnerEndpoint, PartnerToken
from ocpi.models.partner import PartnerStatus
from ocpi.selectors.identity import identity_of
from ocpi.services.peers import Peer
from registry.models import Organization, Party, User
from registry.services.audit import audit_record
from registry.services.events import event_append

Role = dict[str, Any]
KEPT_NAME = 100
TOKEN_GRACE = timedelta(minutes=settings.OCPI_TOKEN_GRACE_MINUTES)


def role_keys(roles: Sequence[Role]) -> list[tuple[str, str, str]]:
    """(role, country code, party id) of each role, upper case, without repeats."""
    return list(
        dict.fromkeys(
            (role["role"], role["country_code"].upper(), role["party_id"].upper()) for role in roles
        )
    )


def partner_claim(*, organization: Organization, roles: Sequence[Role]) -> Partner:
    """The row for a registration with these roles, new or left by an ended one.

    Raises MethodRefused (405) where a party is registered, ParametersInvalid (2001) where it is ours.
    Call it in a transaction: the row stays locked.
    """
    keys = role_keys(roles)
    parties_check(organization=organization, keys=keys)
    _, country_code, party_id = keys[0]
    partner, _ = Partner.objects.select_for_update().get_or_create(
        organization=organization,
        country_code=country_code,
        party_id=party_id,
        defaults={"status": PartnerStatus.INACTIVE},
    )
    if partner.registered_at is not None:
        raise MethodRefused("This party is registered already.", "GET")
    return partner


def parties_check(
    *, organization: Organization, keys: Sequence[tuple[str, str, str]], partner: Partner | None = None
) -> None:
    """Raise ParametersInvalid for parties that are none or ours, MethodRefused for another partner's."""
    own = identity_of(organization)
    for role, country_code, party_id in keys:
        if len(country_code) != 2 or len(party_id) != 3:
            raise ParametersInvalid("A party has two letters and three characters.", {"roles": "wrong party"})
        if (country_code, party_id) == own.party and role in own.roles:
            raise ParametersInvalid("This party is ours.", {"roles": "is our own party"})
        taken = Partner.objects.filter(
            organization=organization,
            registered_at__isnull=False,
            parties__country_code=country_code,
            parties__party_id=party_id,
        )
        if (taken.exclude(pk=partner.pk) if partner else taken).exists():
            raise MethodRefused("This party is registered already.", "GET")


def partner_fill(*, partner: Partner, credentials: Mapping[str, Any], peer: Peer, now: datetime) -> None:
    """Store what a handshake agreed on: the credentials with `roles` in any version, the endpoints."""
    roles = credentials["roles"]
    if partner.registered_at is None:
        partner.pinned_roles = [list(key) for key in role_keys(roles)]
        partner.proposed_roles, partner.proposed_at = [], None
    roles_fill(partner, roles)
    partner.hub_party_id = credentials.get("hub_party_id") or ""
    partner.token_out, partner.versions_url = credentials["token"], credentials["url"]
    partner.version = peer.version
    partner.token_form = peer.client.written_as
    partner.registered_at = partner.registered_at or now
    if partner.status == PartnerStatus.INACTIVE:
        partner.status = PartnerStatus.ACTIVE
    partner.last_contact, partner.failures, partner.paused_until = now, 0, None
    partner.save()
    parties_fill(partner)
    partner.endpoints.all().delete()
    unique = {(identifier, side): url for identifier, side, url in peer.endpoints}
    PartnerEndpoint.objects.bulk_create(
        PartnerEndpoint(partner=partner, identifier=identifier, role=side, url=url)
        for (identifier, side), url in unique.items()
    )


def roles_fill(partner: Partner, roles: Sequence[Role]) -> None:
    """The roles as they are in force, and the name of the first; not saved."""
    partner.roles = list(roles)
    partner.name = str(roles[0]["business_details"]["name"])[:KEPT_NAME]


def parties_fill(partner: Partner) -> None:
    """The roles of a partner as rows."""
    partner.parties.set([_party(partner, key, partner.roles) for key in role_keys(partner.roles)])


def _party(partner: Partner, key: tuple[str, str, str], roles: Sequence[Role]) -> Party:
    role, country_code, party_id = key
    name = next(item["business_details"]["name"] for item in roles if item["role"] == role)
    party, _ = Party.objects.get_or_create(
        organization=partner.organization,
        country_code=country_code,
        party_id=party_id,
        role=role,
        defaults={"name": str(name)[:KEPT_NAME]},
    )
    return party


def token_add(
    *, organization: Organization, partner: Partner | None, now: datetime
) -> tuple[PartnerToken, str]:
    """A new token that a partner may present; older ones of the partner now end after the grace time."""
    clear = auth.new_token()
    if partner is not None:
        partner.tokens.filter(expires_at=None).update(expires_at=now + TOKEN_GRACE)
    row = PartnerToken.objects.create(
        organization=organization, partner=partner, digest=auth.digest(clear), created_at=now
    )
    return row, clear


def partner_tell(
    *,
    partner: Partner,
    what: str,
    actor: User | str,
    now: datetime,
    before: Any = None,
    data: dict[str, Any] | None = None,
) -> None:
    """Write `partner.<what>` into the event log and the audit trail."""
    after = {"party": str(partner), "version": partner.version, "status": str(partner.status), **(data or {})}
    event_append(
        organization_id=partner.organization_id,
        kind=f"partner.{what}",
        subject=str(partner),
        data={"partner_id": partner.pk, **after},
        now=now,
    )
    audit_record(
        actor=actor,
        action=f"partner.{what}",
        organization_id=partner.organization_id,
        object_type="partner",
        object_id=str(partner.pk),
        before=before,
        after=after,
        now=now,
    )
