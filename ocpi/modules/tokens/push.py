"""Tokens, push: the whole latest state by PUT (OCPI 2.2.1 §12.1.1)."""

from urllib.parse import quote

from central.models import IdToken
from ocpi.core.client import PartnerClient
from ocpi.core.errors import PeerRefused
from ocpi.core.modules import RECEIVER, pusher
from ocpi.core.own_tokens import token_render
from ocpi.models import Delivery
from ocpi.selectors.identity import identity_of
from ocpi.selectors.partners import endpoint_url


@pusher("tokens")
def token_push(delivery: Delivery, client: PartnerClient) -> str:
    """PUT one token; answers its address at the partner. Raises PeerError."""
    endpoint = endpoint_url(delivery.partner, "tokens", RECEIVER)
    if endpoint is None:
        raise PeerRefused("The partner takes no tokens.")
    own = identity_of(client.organization)
    token = IdToken.objects.select_related("group").get(pk=delivery.source_id)
    body = token_render(token, own, delivery.partner.version, client.now)
    address = "/".join(quote(part, safe="") for part in (*own.party, body["uid"]))
    kind = "" if delivery.partner.version == "2.1.1" else f"?type={quote(body['type'], safe='')}"
    url = f"{endpoint}/{address}{kind}"
    client.call("PUT", url, module="tokens", body=body)
    return url
