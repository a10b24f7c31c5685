"""Locations, sender: our places as partners pull them, whole or in parts (OCPI 2.2.1 §8.2.1)."""

from typing import Any

from django.db.models import QuerySet

from ocpi.core.convert import location_to
from ocpi.core.errors import LocationUnknown
from ocpi.core.modules import SENDER, Call, Interface, Reply
from ocpi.core.ownership import same
from ocpi.core.paging import read_page, read_rows
from ocpi.core.versions import V211
from ocpi.models import Published
from ocpi.services.published import LOCATIONS, ensure_published
from ocpi.services.received_locations import part_find

LOCATIONS_SENDER = Interface("locations", SENDER, roles=("CPO",))


def _rows(call: Call) -> QuerySet[Published]:
    """What the partner may know; 2.1.1 cannot say that a place must not be shown."""
    ensure_published(organization=call.organization, module=LOCATIONS, now=call.now)
    found = Published.objects.filter(organization=call.organization, module=LOCATIONS)
    return found.filter(is_public=True) if call.version == V211 else found


@LOCATIONS_SENDER.on("GET")
def locations_list(call: Call) -> Reply:
    """Locations with their EVSEs, oldest first (§8.2.1.1)."""
    page = read_page(call.query)
    rows, total = read_rows(_rows(call), page)
    told = [location_to(call.version, row.payload) for row in rows]
    return Reply(told, headers=page.headers(call.url, total))


@LOCATIONS_SENDER.on("GET", "{location_id}")
@LOCATIONS_SENDER.on("GET", "{location_id}/{evse_uid}")
@LOCATIONS_SENDER.on("GET", "{location_id}/{evse_uid}/{connector_id}")
def location_read(call: Call) -> Reply:
    """A location, EVSE or connector; 404 and 2003 for an unknown one (§8.2.1.2)."""
    row = _rows(call).filter(object_id__iexact=call.params["location_id"]).first()
    if row is None or not same(row.object_id, call.params["location_id"]):
        raise LocationUnknown("This location is not known.")
    told: dict[str, Any] = location_to(call.version, row.payload)
    path = (call.params[name] for name in ("evse_uid", "connector_id") if name in call.params)
    return Reply(part_find(told, tuple(path)))
