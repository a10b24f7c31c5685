"""Reservations of partners' drivers as Session objects, and how they are told (OCPI 2.2.1 §9.1.4)."""

from typing import Any
from urllib.parse import quote

from ocpi.core import facts
from ocpi.core.client import PartnerClient
from ocpi.core.errors import PeerRefused
from ocpi.core.fields import NOT_AVAILABLE
from ocpi.core.modules import RECEIVER, pusher
from ocpi.models import Delivery, ReservedSession
from ocpi.modules.sessions.schema import SESSION
from ocpi.selectors.identity import Identity, identity_of
from ocpi.selectors.partners import endpoint_url
from ocpi.selectors.places import evse_uid_of, location_id_of
from ocpi.services.reserved_sessions import MODULE

RELATED = ("reservation__charge_point", "organization", "id_token__party")


def reserved_render(row: ReservedSession, own: Identity, version: str) -> dict[str, Any]:
    """The object of a reservation that was read with RELATED: nothing charged, RESERVATION or COMPLETED."""
    reservation = row.reservation
    charge_point = reservation.charge_point
    token = row.id_token
    party = token.party
    owner = (party.country_code.upper(), party.party_id.upper()) if party else own.party
    found = {
        "country_code": own.country_code,
        "party_id": own.party_id,
        "id": str(row.uid),
        "start_date_time": row.started_at,
        "end_date_time": row.ended_at,
        "kwh": 0,
        "cdr_token": facts.token_facts(token, owner),
        "auth_method": "COMMAND" if row.by_command else "WHITELIST",
        "authorization_reference": row.authorization_reference or None,
        "location_id": location_id_of(charge_point),
        "evse_uid": evse_uid_of(charge_point, reservation.evse_number or 0),
        "connector_id": NOT_AVAILABLE,
        "currency": row.organization.currency,
        "status": "RESERVATION" if row.ended_at is None else "COMPLETED",
        "last_updated": row.last_updated,
    }
    return SESSION.render(SESSION.cut(found, version), version)


@pusher(MODULE)
def reserved_push(delivery: Delivery, client: PartnerClient) -> str:
    """PUT one reservation as a session; nothing where its session is told by now. Raises PeerError."""
    endpoint = endpoint_url(delivery.partner, "sessions", RECEIVER)
    if endpoint is None:
        raise PeerRefused("The partner takes no sessions.")
    row = ReservedSession.objects.select_related(*RELATED).get(pk=delivery.source_id)
    if row.session_id is not None:
        return ""
    own = identity_of(client.organization)
    body = reserved_render(row, own, delivery.partner.version)
    url = "/".join([endpoint, *(quote(part, safe="") for part in (*own.party, body["id"]))])
    client.call("PUT", url, module="sessions", body=body)
    return url
