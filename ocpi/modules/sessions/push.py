"""Sessions, push: the whole latest state by PUT, so that a lost message costs nothing (OCPI 2.2.1 §9.1.1)."""

from urllib.parse import quote

from central.models import Session
from ocpi.core.client import PartnerClient
from ocpi.core.errors import PeerRefused
from ocpi.core.modules import RECEIVER, pusher
from ocpi.models import Delivery
from ocpi.modules.sessions.mapping import RELATED, sessions_render
from ocpi.selectors.identity import identity_of
from ocpi.selectors.partners import endpoint_url


@pusher("sessions")
def session_push(delivery: Delivery, client: PartnerClient) -> str:
    """PUT one session; answers its address at the partner. Raises PeerError."""
    endpoint = endpoint_url(delivery.partner, "sessions", RECEIVER)
    if endpoint is None:
        raise PeerRefused("The partner takes no sessions.")
    own = identity_of(client.organization)
    session = Session.objects.select_related(*RELATED).get(pk=delivery.source_id)
    body = sessions_render([session], own, delivery.partner.version)[0]
    address = "/".join(quote(part, safe="") for part in (*own.party, body["id"]))
    url = f"{endpoint}/{address}"
    client.call("PUT", url, module="sessions", body=body)
    return url
