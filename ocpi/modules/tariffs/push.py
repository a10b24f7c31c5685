"""Tariffs, push: PUT what is in force, DELETE what is so no longer (OCPI 2.2.1 §11.1.1)."""

from contextlib import suppress
from urllib.parse import quote

from ocpi.core.client import PartnerClient
from ocpi.core.convert import tariff_to
from ocpi.core.errors import PeerRefused
from ocpi.core.modules import RECEIVER, pusher
from ocpi.models import Delivery, Published
from ocpi.selectors.identity import identity_of
from ocpi.selectors.partners import endpoint_url


@pusher("tariffs")
def tariff_push(delivery: Delivery, client: PartnerClient) -> str:
    """Bring one tariff, or its end, to the partner; answers its address there. Raises PeerError."""
    endpoint = endpoint_url(delivery.partner, "tariffs", RECEIVER)
    if endpoint is None:
        raise PeerRefused("The partner takes no tariffs.")
    row = Published.objects.get(pk=delivery.source_id)
    own = identity_of(client.organization)
    url = "/".join([endpoint, *(quote(part, safe="") for part in (*own.party, row.object_id))])
    if row.removed_at is None:
        client.call("PUT", url, module="tariffs", body=tariff_to(delivery.partner.version, row.payload))
        return url
    with suppress(_Unknown):
        _delete(client, url)
    return ""


class _Unknown(Exception):
    """The partner does not have it: as good as deleted."""


def _delete(client: PartnerClient, url: str) -> None:
    try:
        client.call("DELETE", url, module="tariffs")
    except PeerRefused as error:
        if error.http_status == 404:
            raise _Unknown from error
        raise
