"""Locations, push: the whole by PUT, later only what changed: EVSEs by PUT, their status by PATCH.

OCPI 2.2.1 §8.1, §8.2.2. What the partner has is known by `told_at` of the delivery; where it turns out not to
know the location (404 or 2003), it gets the whole.
"""

from datetime import datetime
from typing import Any
from urllib.parse import quote

from ocpi.core.client import PartnerClient
from ocpi.core.convert import location_to
from ocpi.core.errors import PeerRefused
from ocpi.core.fields import parse_moment
from ocpi.core.modules import RECEIVER, pusher
from ocpi.models import Delivery, Published
from ocpi.selectors.identity import identity_of
from ocpi.selectors.partners import endpoint_url

MOST_PARTS = 10
"""From so many changed EVSEs on the whole location is one request instead of many."""
UNKNOWN_LOCATION = 2003


@pusher("locations")
def location_push(delivery: Delivery, client: PartnerClient) -> str:
    """Bring one location to the partner; answers its address there. Raises PeerError."""
    endpoint = endpoint_url(delivery.partner, "locations", RECEIVER)
    if endpoint is None:
        raise PeerRefused("The partner takes no locations.")
    row = Published.objects.get(pk=delivery.source_id)
    own = identity_of(client.organization)
    url = "/".join([endpoint, *(quote(part, safe="") for part in (*own.party, row.object_id))])
    told = location_to(delivery.partner.version, row.payload)
    parts = _parts(row, told, delivery.told_at)
    if parts is not None:
        try:
            _tell(client, url, parts)
        except PeerRefused as error:
            if error.http_status != 404 and error.status_code != UNKNOWN_LOCATION:
                raise
        else:
            return url
    client.call("PUT", url, module="locations", body=told)
    return url


Part = tuple[str, str, dict[str, Any]]
"""Method, EVSE uid, body."""


def _parts(row: Published, told: dict[str, Any], since: datetime | None) -> list[Part] | None:
    """What changed since the partner was told; None where the whole has to go."""
    if since is None or _after(row.marks.get("own"), since):
        return None
    changed = [evse for evse in told.get("evses") or [] if _after(evse["last_updated"], since)]
    if len(changed) > MOST_PARTS:
        return None
    marks = row.marks.get("evses") or {}
    return [_part(evse, whole=_after(marks.get(evse["uid"]), since)) for evse in changed]


def _part(evse: dict[str, Any], *, whole: bool) -> Part:
    if whole:
        return "PUT", evse["uid"], evse
    return "PATCH", evse["uid"], {name: evse[name] for name in ("status", "last_updated")}


def _after(text: str | None, since: datetime) -> bool:
    moment = parse_moment(text) if text else None
    return moment is not None and moment > since


def _tell(client: PartnerClient, url: str, parts: list[Part]) -> None:
    for method, uid, body in parts:
        client.call(method, f"{url}/{quote(uid, safe='')}", module="locations", body=body)
