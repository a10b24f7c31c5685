"""The credentials handshake in both directions (OCPI 2.2.1 §7.1): registering, being registered, updates."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
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
from ocpi.core.figures import registration_counted
from ocpi.core.roles import COUNTERPART, only_role, own_role, root
from ocpi.core.routing import new_id
from ocpi.core.versions import SPLIT_BY_ROLE
from ocpi.models import BootstrapToken, Partner, PartnerToken
from ocpi.selectors.identity import identity_of
from ocpi.services.access import handshake_of
from ocpi.services.bootstrap_tokens import bootstrap_token_consume, bootstrap_token_used
from ocpi.services.partner_changes import agreed, partner_change_propose, token_pins_check
from ocpi.services.partner_rows import TOKEN_GRACE, partner_claim, partner_fill, partner_tell, token_add
from ocpi.services.peers import Peer, peer_read
from registry.models import Organization, User

HANDSHAKE_TIME = timedelta(minutes=10)


def own_credentials(organization: Organization, token: str, version: str, role: str = "") -> dict[str, Any]:
    """Our credentials object, with the token that its reader shall present.

    2.1.1 has one party and no roles: `role` is the one in which we stand opposite the reader there.
    """
    identity = identity_of(organization)
    values = {"token": token, "url": f"{root(identity, version, role)}/versions"}
    if version in SPLIT_BY_ROLE:
        country_code, party_id = identity.party
        values |= {"country_code": country_code, "party_id": party_id}
        return CREDENTIALS.render(values | {"business_details": identity.business_details}, version)
    return CREDENTIALS.render(values | {"roles": identity.credentials_roles()}, version)


def credentials_parse(body: Any, version: str, role: str = "") -> dict[str, Any]:
    """A peer's credentials object, always with `roles`: in 2.1.1 that is `role`, with the one party there is.

    Raises ParametersInvalid, also for a token that no header can carry.
    """
    parsed = CREDENTIALS.parse(body, version)
    if not auth.is_token(parsed["token"]):
        raise ParametersInvalid("The token must be 1 to 64 printable characters.", {"token": "is not usable"})
    if version in SPLIT_BY_ROLE:
        flat = ("business_details", "party_id", "country_code")
        parsed["roles"] = [{"role": role, **{name: parsed[name] for name in flat}}]
    return parsed


@registration_counted("us")
def partner_register(
    *,
    organization: Organization,
    versions_url: str,
    token_a: str,
    token_form: str = "",
    version: str | None = None,
    role: str = "",
    handshake: str = "",
    actor: User | str = "platform",
    now: datetime,
) -> Partner:
    """Register with a peer that gave us its versions URL and a token A: we are the sender.

    Without a `version` the newest common one is taken. `role` is ours in 2.1.1, where a registration is for
    one; it may be left out where the organisation has one only. `handshake` is a word of at most 40 letters
    by which its messages are found. Raises Invalid for a token that cannot be one or a missing role, else
    an OcpiError (PeerUnusable, VersionUnsupported, EndpointsMissing, MethodRefused): nothing is left behind
    then. No transaction may be open.
    """
    if not auth.is_token(token_a):
        raise Invalid("The token must be 1 to 64 printable characters.", {"token_a": "is not usable"})
    role = role or only_role(identity_of(organization).roles)
    handshake = handshake or new_id()
    client = PartnerClient(organization, token_a, now, form=token_form, handshake=handshake)
    peer = peer_read(
        client=client, versions_url=versions_url, version=version, role=COUNTERPART.get(role, "")
    )
    if peer.version in SPLIT_BY_ROLE and not role:
        raise Invalid("OCPI 2.1.1 connects one role: say which of ours it is.", {"role": "is missing"})
    row, token_b = token_add(organization=organization, partner=None, now=now)
    PartnerToken.objects.filter(pk=row.pk).update(expires_at=now + HANDSHAKE_TIME, handshake=handshake)
    try:
        theirs = _exchange("POST", peer, own_credentials(organization, token_b, peer.version, role), role)
        return _registered_or_withdrawn(row, theirs, peer, actor, now)
    except DomainError:
        PartnerToken.objects.filter(pk=row.pk, partner=None).delete()
        raise


def _registered_or_withdrawn(
    row: PartnerToken, theirs: Mapping[str, Any], peer: Peer, actor: User | str, now: datetime
) -> Partner:
    try:
        return _registered(row, theirs, peer, actor, now)
    except DomainError:
        # The peer believes that it is registered: tell it otherwise, if it listens.
        with suppress(PeerError):
            peer.client.with_token(theirs["token"]).call("DELETE", peer.credentials_url, module="credentials")
        raise


def _exchange(method: str, peer: Peer, body: dict[str, Any], role: str) -> dict[str, Any]:
    """POST or PUT our credentials, answer the peer's; `role` is ours."""
    try:
        answer = peer.client.call(method, peer.credentials_url, module="credentials", body=body)
        return credentials_parse(answer.data, peer.version, COUNTERPART.get(role, ""))
    except PeerError as error:
        raise PeerUnusable(f"The peer refused the credentials: {error.message}") from error
    except ParametersInvalid as error:
        raise PeerUnusable(f"The peer's credentials are wrong: {error.message}") from error


@transaction.atomic
def _registered(
    row: PartnerToken, theirs: Mapping[str, Any], peer: Peer, actor: User | str, now: datetime
) -> Partner:
    partner = partner_claim(organization=row.organization, roles=theirs["roles"])
    partner_fill(partner=partner, credentials=theirs, peer=peer, now=now)
    Partner.objects.filter(pk=partner.pk).update(handshake=peer.client.handshake)
    PartnerToken.objects.filter(pk=row.pk).update(partner=partner, expires_at=None)
    partner_tell(partner=partner, what="registered", actor=actor, now=now, data={"by_us": True})
    return partner


@registration_counted("partner")
def registration_receive(
    *,
    organization: Organization,
    bootstrap: BootstrapToken | None,
    body: Any,
    version: str,
    role: str = "",
    now: datetime,
) -> tuple[Partner, dict[str, Any]]:
    """A peer registers with our token A: answers the partner and our credentials with token C.

    The peer is asked for its endpoints first, outside any transaction; token A is used up in the same
    transaction that makes the partner. Raises an OcpiError; token A stays good then. Without a token A, in
    development only, a peer that cannot be reached is registered without endpoints.
    """
    theirs = credentials_parse(body, version, COUNTERPART.get(role, ""))
    if bootstrap is not None:
        token_pins_check(token=bootstrap, roles=theirs["roles"])
    handshake = handshake_of(bootstrap) if bootstrap else new_id()
    client = PartnerClient(organization, theirs["token"], now, version=version, handshake=handshake)
    try:
        peer = _read_back(client, theirs, version)
    except PeerUnusable:
        if bootstrap is not None:
            raise
        peer = Peer(version, (), client)
    return _welcomed(organization, bootstrap, theirs, peer, role, now)


@transaction.atomic
def _welcomed(
    organization: Organization,
    bootstrap: BootstrapToken | None,
    theirs: Mapping[str, Any],
    peer: Peer,
    role: str,
    now: datetime,
) -> tuple[Partner, dict[str, Any]]:
    if bootstrap is not None and not bootstrap_token_consume(token=bootstrap, now=now):
        raise TokenUnknown("The token is not known.")
    partner = partner_claim(organization=organization, roles=theirs["roles"])
    partner_fill(partner=partner, credentials=theirs, peer=peer, now=now)
    Partner.objects.filter(pk=partner.pk).update(handshake=peer.client.handshake)
    if bootstrap is not None:
        bootstrap_token_used(token=bootstrap, partner=partner, now=now)
    _, token_c = token_add(organization=organization, partner=partner, now=now)
    answer = own_credentials(organization, token_c, peer.version, role)
    partner_tell(partner=partner, what="registered", actor=str(partner), now=now, data={"by_us": False})
    return partner, answer


def _read_back(client: PartnerClient, theirs: Mapping[str, Any], version: str) -> Peer:
    """Versions and endpoints of a peer that sent us its credentials."""
    role = str(theirs["roles"][0]["role"])
    return peer_read(client=client, versions_url=theirs["url"], version=version, role=role)


def registration_update(
    *, partner: Partner, body: Any, version: str, role: str = "", now: datetime
) -> dict[str, Any]:
    """A partner sends new credentials: answers ours with a new token; its first use ends the old one.

    Raises an OcpiError; roles and parties that were not agreed on are refused (2001) and wait for approval.
    """
    theirs = credentials_parse(body, version, COUNTERPART.get(role, ""))
    if agreed(partner, theirs["roles"]) != theirs["roles"]:
        partner_change_propose(partner=partner, roles=theirs["roles"], now=now)
        raise ParametersInvalid("New roles or parties wait for approval.", {"roles": "are not agreed on"})
    form = partner.token_form if version == partner.version else ""
    client = PartnerClient(
        partner.organization, theirs["token"], now, form=form, version=version, partner=partner
    )
    peer = _read_back(client, theirs, version)
    with transaction.atomic():
        partner_fill(partner=partner, credentials=theirs, peer=peer, now=now)
        _, token_c = token_add(organization=partner.organization, partner=partner, now=now)
        answer = own_credentials(partner.organization, token_c, version, role)
        partner_tell(partner=partner, what="updated", actor=str(partner), now=now)
    return answer


def partner_rotate(
    *, partner: Partner, version: str | None = None, actor: User | str = "platform", now: datetime
) -> Partner:
    """Give the partner a new token and get a new one from it (PUT on its credentials endpoint).

    With a `version` both sides change to it; without one they stay where they are. Raises PeerUnusable where
    the partner refuses; the tokens in use stay good then. No transaction may be open.
    """
    wanted = version or partner.version
    form = partner.token_form if wanted == partner.version else ""
    role = own_role(partner)
    peer = peer_read(
        client=replace(PartnerClient.of(partner, now), form=form, version=""),
        versions_url=partner.versions_url,
        version=wanted,
        role=COUNTERPART.get(role, ""),
    )
    row, token_b = token_add(organization=partner.organization, partner=partner, now=now)
    try:
        body = own_credentials(partner.organization, token_b, peer.version, role)
        theirs = _exchange("PUT", peer, body, role)
        known = _known_roles(partner, theirs["roles"], now)
    except OcpiError:
        _rotation_undo(partner, row)
        raise
    with transaction.atomic():
        partner_fill(partner=partner, credentials=theirs | {"roles": known}, peer=peer, now=now)
        partner_tell(partner=partner, what="rotated", actor=actor, now=now)
    return partner


def _known_roles(partner: Partner, roles: list[dict[str, Any]], now: datetime) -> list[dict[str, Any]]:
    """The agreed ones among the roles that a partner answered: the others wait, the tokens are good."""
    known = agreed(partner, roles)
    if known != roles:
        partner_change_propose(partner=partner, roles=roles, now=now)
    if not known:
        raise PeerUnusable("The partner answered with none of its agreed roles.")
    return known


def _rotation_undo(partner: Partner, row: PartnerToken) -> None:
    """Keep the older token good; the newer one too for a while, should the partner have taken it."""
    partner.tokens.exclude(pk=row.pk).update(expires_at=None)
    PartnerToken.objects.filter(pk=row.pk).update(expires_at=row.created_at + TOKEN_GRACE)
