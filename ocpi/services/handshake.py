"""The credentials handshake in both directions (OCPI 2.2.1 §7.1): registering, being registered, updates."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from emobility.lib.errors import DomainError, Invalid
from ocpi.core import auth
from ocpi.core.client import PartnerClient
from ocpi.core.configuration import CREDENTIALS
from ocpi.core.errors import (
    OcpiError,
    ParametersInvalid,
    PeerError,
    PeerUnusable,
    TokenUnknown,
)
from ocpi.models import BootstrapToken, Partner, PartnerToken
from ocpi.selectors.identity import identity_of
from ocpi.services.bootstrap_tokens import bootstrap_token_consume
from ocpi.services.partner_rows import (
    TOKEN_GRACE,
    partner_claim,
    partner_fill,
    partner_tell,
    role_keys,
    token_add,
)
from ocpi.services.peers import Peer, peer_read
from registry.models import Organization, User

HANDSHAKE_TIME = timedelta(minutes=10)


def own_credentials(organization: Organization, token: str, version: str) -> dict[str, Any]:
    """Our credentials object, with the token that its reader shall present."""
    identity = identity_of(organization)
    return CREDENTIALS.render(
        {"token": token, "url": identity.versions_url, "roles": identity.credentials_roles()}, version
    )


def credentials_parse(body: Any, version: str) -> dict[str, Any]:
    """A peer's credentials object; raises ParametersInvalid, also for a token that no header can carry."""
    parsed = CREDENTIALS.parse(body, version)
    if not auth.is_token(parsed["token"]):
        raise ParametersInvalid("The token must be 1 to 64 printable characters.", {"token": "is not usable"})
    return parsed


def partner_register(
    *,
    organization: Organization,
    versions_url: str,
    token_a: str,
    token_form: str = auth.BASE64,
    actor: User | str = "platform",
    now: datetime,
) -> Partner:
    """Register with a peer that gave us its versions URL and a token A: we are the sender.

    Raises Invalid for a token that cannot be one, else an OcpiError (PeerUnusable, VersionUnsupported,
    EndpointsMissing, MethodRefused): nothing is left behind then. No transaction may be open.
    """
    if not auth.is_token(token_a):
        raise Invalid("The token must be 1 to 64 printable characters.", {"token_a": "is not usable"})
    client = PartnerClient(organization, token_a, now, form=token_form)
    peer = peer_read(client=client, versions_url=versions_url)
    row, token_b = token_add(organization=organization, partner=None, now=now)
    PartnerToken.objects.filter(pk=row.pk).update(expires_at=now + HANDSHAKE_TIME)
    try:
        theirs = _exchange(client, "POST", peer, own_credentials(organization, token_b, peer.version))
        return _registered_or_withdrawn(client, row, theirs, peer, actor)
    except DomainError:
        PartnerToken.objects.filter(pk=row.pk, partner=None).delete()
        raise


def _registered_or_withdrawn(
    client: PartnerClient, row: PartnerToken, theirs: Mapping[str, Any], peer: Peer, actor: User | str
) -> Partner:
    try:
        return _registered(row, theirs, peer, client.form, actor, client.now)
    except DomainError:
        # The peer believes that it is registered: tell it otherwise, if it listens.
        with suppress(PeerError):
            client.with_token(theirs["token"]).call("DELETE", peer.credentials_url, module="credentials")
        raise


def _exchange(client: PartnerClient, method: str, peer: Peer, body: dict[str, Any]) -> dict[str, Any]:
    try:
        answer = client.call(method, peer.credentials_url, module="credentials", body=body)
        return credentials_parse(answer.data, peer.version)
    except PeerError as error:
        raise PeerUnusable(f"The peer refused the credentials: {error.message}") from error
    except ParametersInvalid as error:
        raise PeerUnusable(f"The peer's credentials are wrong: {error.message}") from error


@transaction.atomic
def _registered(
    row: PartnerToken, theirs: Mapping[str, Any], peer: Peer, form: str, actor: User | str, now: datetime
) -> Partner:
    partner = partner_claim(organization=row.organization, roles=theirs["roles"])
    partner.token_form = form
    _fill(partner, theirs, peer, now)
    PartnerToken.objects.filter(pk=row.pk).update(partner=partner, expires_at=None)
    partner_tell(partner=partner, what="registered", actor=actor, now=now, data={"by_us": True})
    return partner


def _fill(partner: Partner, theirs: Mapping[str, Any], peer: Peer, now: datetime) -> None:
    partner_fill(
        partner=partner,
        roles=theirs["roles"],
        versions_url=theirs["url"],
        peer=peer,
        token_out=theirs["token"],
        now=now,
    )


def registration_receive(
    *, bootstrap: BootstrapToken, body: Any, version: str, now: datetime
) -> tuple[Partner, dict[str, Any]]:
    """A peer registers with our token A: answers the partner and our credentials with token C.

    The peer is asked for its endpoints first, outside any transaction; token A is used up in the same
    transaction that makes the partner. Raises an OcpiError; token A stays good then.
    """
    theirs = credentials_parse(body, version)
    client = PartnerClient(bootstrap.organization, theirs["token"], now)
    peer = peer_read(client=client, versions_url=theirs["url"], version=version)
    with transaction.atomic():
        if not bootstrap_token_consume(token=bootstrap, now=now):
            raise TokenUnknown("The token is not known.")
        partner = partner_claim(organization=bootstrap.organization, roles=theirs["roles"])
        _fill(partner, theirs, peer, now)
        BootstrapToken.objects.filter(pk=bootstrap.pk).update(used_by=partner)
        _, token_c = token_add(organization=partner.organization, partner=partner, now=now)
        answer = own_credentials(partner.organization, token_c, version)
        partner_tell(partner=partner, what="registered", actor=str(partner), now=now, data={"by_us": False})
    return partner, answer


def registration_update(*, partner: Partner, body: Any, version: str, now: datetime) -> dict[str, Any]:
    """A partner sends new credentials: answers ours with a new token; its first use ends the old one.

    Raises an OcpiError; parties that were not agreed on are refused (2001).
    """
    theirs = credentials_parse(body, version)
    _check_pinned(partner, theirs)
    client = PartnerClient(
        partner.organization, theirs["token"], now, form=partner.token_form, partner=partner
    )
    peer = peer_read(client=client, versions_url=theirs["url"], version=version)
    with transaction.atomic():
        _fill(partner, theirs, peer, now)
        _, token_c = token_add(organization=partner.organization, partner=partner, now=now)
        answer = own_credentials(partner.organization, token_c, version)
        partner_tell(partner=partner, what="updated", actor=str(partner), now=now)
    return answer


def _check_pinned(partner: Partner, theirs: Mapping[str, Any]) -> None:
    known = {key[1:] for key in role_keys(partner.roles)}
    if any(key[1:] not in known for key in role_keys(theirs["roles"])):
        raise ParametersInvalid("A new party needs an agreement first.", {"roles": "holds an unknown party"})


def partner_rotate(*, partner: Partner, actor: User | str = "platform", now: datetime) -> Partner:
    """Give the partner a new token and get a new one from it (PUT on its credentials endpoint).

    Raises PeerUnusable where it refuses; the tokens in use stay good then. No transaction may be open.
    """
    client = PartnerClient(
        partner.organization, partner.token_out, now, form=partner.token_form, partner=partner
    )
    peer = peer_read(client=client, versions_url=partner.versions_url)
    row, token_b = token_add(organization=partner.organization, partner=partner, now=now)
    try:
        theirs = _exchange(client, "PUT", peer, own_credentials(partner.organization, token_b, peer.version))
        _check_pinned(partner, theirs)
    except OcpiError:
        _rotation_undo(partner, row)
        raise
    with transaction.atomic():
        _fill(partner, theirs, peer, now)
        partner_tell(partner=partner, what="rotated", actor=actor, now=now)
    return partner


def _rotation_undo(partner: Partner, row: PartnerToken) -> None:
    """Keep the older token good; the newer one too for a while, should the partner have taken it."""
    partner.tokens.exclude(pk=row.pk).update(expires_at=None)
    PartnerToken.objects.filter(pk=row.pk).update(expires_at=row.created_at + TOKEN_GRACE)
