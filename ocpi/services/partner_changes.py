"""Who a partner may be: roles and parties are pinned, a change waits until an administrator approves it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from emobility.lib.errors import Conflict
from ocpi.core.errors import ParametersInvalid
from ocpi.models import BootstrapToken, Partner
from ocpi.services.partner_rows import parties_check, parties_fill, partner_tell, role_keys, roles_fill
from registry.models import User

Role = dict[str, Any]


def token_pins_check(*, token: BootstrapToken, roles: Sequence[Role]) -> None:
    """Raise ParametersInvalid where a token A was made for another party or for other roles."""
    for role, country_code, party_id in role_keys(roles):
        if token.party_id and (country_code, party_id) != (token.country_code, token.party_id):
            raise ParametersInvalid("The token is for another party.", {"roles": "is another party"})
        if token.roles and role not in token.roles:
            raise ParametersInvalid("The token is for other roles.", {"roles": "is another role"})


def agreed(partner: Partner, roles: Sequence[Role]) -> list[Role]:
    """Those of `roles` that are pinned."""
    pinned = {tuple(key) for key in partner.pinned_roles} or set(role_keys(partner.roles))
    return [role for role in roles if role_keys([role])[0] in pinned]


@transaction.atomic
def partner_change_propose(*, partner: Partner, roles: Sequence[Role], now: datetime) -> None:
    """Keep roles that a partner wants until somebody decides; told once for each new wish."""
    if partner.proposed_roles == list(roles):
        return
    partner.proposed_roles, partner.proposed_at = list(roles), now
    partner.save(update_fields=["proposed_roles", "proposed_at", "updated_at"])
    partner_tell(partner=partner, what="change_proposed", actor=str(partner), now=now, data=_named(roles))


@transaction.atomic
def partner_change_approve(*, partner: Partner, actor: User | str, now: datetime) -> None:
    """Let a partner be what it wants to be, from now on; raises Conflict where nothing waits.

    An OcpiError where a party is ours or another partner's.
    """
    partner = _waiting(partner)
    roles, before = partner.proposed_roles, {"roles": partner.pinned_roles}
    keys = role_keys(roles)
    parties_check(organization=partner.organization, keys=keys, partner=partner)
    partner.pinned_roles = [list(key) for key in keys]
    roles_fill(partner, roles)
    _decided(partner)
    parties_fill(partner)
    partner_tell(
        partner=partner, what="change_approved", actor=actor, now=now, before=before, data=_named(roles)
    )


@transaction.atomic
def partner_change_reject(*, partner: Partner, actor: User | str, now: datetime) -> None:
    """Leave a partner as it is; raises Conflict where nothing waits."""
    partner = _waiting(partner)
    roles = partner.proposed_roles
    _decided(partner)
    partner_tell(partner=partner, what="change_rejected", actor=actor, now=now, data=_named(roles))


def _waiting(partner: Partner) -> Partner:
    row = Partner.objects.select_for_update().get(pk=partner.pk)
    if not row.proposed_roles:
        raise Conflict("No change waits for approval.")
    return row


def _decided(partner: Partner) -> None:
    partner.proposed_roles, partner.proposed_at = [], None
    partner.save()


def _named(roles: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"roles": [" ".join(key) for key in role_keys([dict(role) for role in roles])]}
