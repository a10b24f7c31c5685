"""Locations, receiver: where operators' EVSEs are and how they are (OCPI 2.2.1 §8.2.2)."""

from typing import Any

from ocpi.core import leniency
from ocpi.core.errors import LocationUnknown, ParametersInvalid
from ocpi.core.fields import Schema
from ocpi.core.modules import RECEIVER, Arrival, Call, Interface, Reply, storer
from ocpi.core.ownership import Owner, check_owner, check_same, named_in, owner_of
from ocpi.core.place_objects import CONNECTOR, EVSE, LOCATION
from ocpi.models import ReceivedLocation
from ocpi.services.received import object_find, told_of
from ocpi.services.received_locations import (
    Part,
    location_merge,
    location_part_put,
    location_store,
    part_find,
)

LOCATIONS_RECEIVER = Interface("locations", RECEIVER, roles=("EMSP", "NSP"))
WHOLE = "{country_code}/{party_id}/{location_id}"
OF_EVSE = f"{WHOLE}/{{evse_uid}}"
OF_CONNECTOR = f"{OF_EVSE}/{{connector_id}}"


def _found(call: Call, owner: Owner) -> ReceivedLocation:
    row = object_find(ReceivedLocation, call.organization, owner, call.params["location_id"])
    if row is None or row.removed_at is not None:
        raise LocationUnknown("This location is not known.")
    return row


def _path(call: Call) -> tuple[str, ...]:
    return tuple(call.params[name] for name in ("evse_uid", "connector_id") if name in call.params)


def _kind(call: Call) -> tuple[Schema, str, str]:
    """The schema of what the address names, the field of its own id and the segment that must be the same."""
    kinds = (
        (LOCATION, "id", "location_id"),
        (EVSE, "uid", "evse_uid"),
        (CONNECTOR, "id", "connector_id"),
    )
    return kinds[len(_path(call))]


@LOCATIONS_RECEIVER.on("GET", WHOLE)
@LOCATIONS_RECEIVER.on("GET", OF_EVSE)
@LOCATIONS_RECEIVER.on("GET", OF_CONNECTOR)
def location_read(call: Call) -> Reply:
    """A location, EVSE or connector as its owner told it, word for word."""
    row = _found(call, check_owner(call, reading=True))
    return Reply(part_find(row.payload, _path(call)))


@LOCATIONS_RECEIVER.on("PUT", WHOLE)
def location_put(call: Call) -> Reply:
    """A new or changed location; replaces all there was (§8.2.2.2)."""
    check_owner(call)
    parsed = call.read(LOCATION, needed=("id", "last_updated"))
    owner = check_owner(call, parsed, id_param="location_id")
    told = told_of(call.peer, call, owner, parsed)
    return Reply(http_status=201 if location_store(told=told) else 200)


@LOCATIONS_RECEIVER.on("PUT", OF_EVSE)
@LOCATIONS_RECEIVER.on("PUT", OF_CONNECTOR)
def part_put(call: Call) -> Reply:
    """A new or changed EVSE or connector of a known location (§8.2.2.2)."""
    owner = check_owner(call)
    schema, name, param = _kind(call)
    parsed = call.read(schema, needed=(name, "last_updated"))
    check_same(parsed, [(name, call.params[param])])
    row = _found(call, owner)
    created = location_part_put(row=row, part=_part(call, parsed), check=_check(call, row))
    return Reply(http_status=201 if created else 200)


@LOCATIONS_RECEIVER.on("PATCH", WHOLE)
@LOCATIONS_RECEIVER.on("PATCH", OF_EVSE)
@LOCATIONS_RECEIVER.on("PATCH", OF_CONNECTOR)
def part_patch(call: Call) -> Reply:
    """Some fields of a known location, EVSE or connector; 404 and 2003 for an unknown one (§8.2.2.3)."""
    owner = check_owner(call)
    schema, name, param = _kind(call)
    changes = call.read(schema, partial=True)
    if "last_updated" not in changes and named_in(call.version):
        raise ParametersInvalid("last_updated is missing.", {"last_updated": "is missing"})
    own = [(name, call.params[param])]
    if schema is LOCATION:
        own += [("country_code", owner[0]), ("party_id", owner[1])]
    check_same(changes, own)
    row = _found(call, owner)
    location_merge(row=row, part=_part(call, changes), check=_check(call, row))
    return Reply()


@storer("locations")
def location_pulled(arrival: Arrival) -> bool:
    """A location out of the operator's list."""
    parsed = arrival.read(LOCATION, needed=("id", "last_updated"))
    owner = owner_of(arrival.partner, arrival.version, parsed)
    return location_store(told=told_of(arrival.partner, arrival, owner, parsed))


def _part(call: Call, parsed: dict[str, Any]) -> Part:
    return Part(_path(call), call.body, parsed.get("last_updated"), call.now)


def _check(call: Call, row: ReceivedLocation) -> Any:
    return lambda payload: leniency.read(call.peer, LOCATION, payload, row.version, call.now)
