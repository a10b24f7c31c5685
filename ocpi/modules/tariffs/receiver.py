"""Tariffs, receiver: what operators ask for charging at their places (OCPI 2.2.1 §11.2.2)."""

from ocpi.core import leniency
from ocpi.core.errors import MethodRefused, ObjectUnknown
from ocpi.core.modules import RECEIVER, Arrival, Call, Interface, Reply, storer
from ocpi.core.money_objects import TARIFF
from ocpi.core.ownership import Owner, check_owner, named_in, owner_of
from ocpi.models import ReceivedTariff
from ocpi.services.received import object_find, told_of
from ocpi.services.received_tariffs import tariff_merge, tariff_remove, tariff_store

TARIFFS_RECEIVER = Interface("tariffs", RECEIVER, roles=("EMSP", "NSP"))
ADDRESS = "{country_code}/{party_id}/{tariff_id}"


def _found(call: Call, owner: Owner) -> ReceivedTariff:
    row = object_find(ReceivedTariff, call.organization, owner, call.params["tariff_id"])
    if row is None or row.removed_at is not None:
        raise ObjectUnknown("This tariff is not known.")
    return row


@TARIFFS_RECEIVER.on("GET", ADDRESS)
def tariff_read(call: Call) -> Reply:
    """The tariff as its owner told it, word for word."""
    return Reply(_found(call, check_owner(call, reading=True)).payload)


@TARIFFS_RECEIVER.on("PUT", ADDRESS)
def tariff_put(call: Call) -> Reply:
    """A new or changed tariff; what it was before is kept, too (§11.2.2.2)."""
    check_owner(call)
    parsed = call.read(TARIFF, needed=("id", "last_updated"))
    owner = check_owner(call, parsed, id_param="tariff_id")
    told = told_of(call.peer, call, owner, parsed)
    return Reply(http_status=201 if tariff_store(told=told) else 200)


@TARIFFS_RECEIVER.on("PATCH", ADDRESS)
def tariff_patch(call: Call) -> Reply:
    """Some fields of a known tariff: 2.1.1 only, 405 from 2.2 on (2.1.1 tariffs §2.2.3)."""
    if named_in(call.version):
        raise MethodRefused("A tariff is changed by PUT.", "GET", "PUT", "DELETE")
    changes = call.read(TARIFF, partial=True)
    row = _found(call, check_owner(call, changes, id_param="tariff_id"))
    tariff_merge(
        row=row,
        changes=call.body,
        last_updated=changes.get("last_updated"),
        check=lambda payload: leniency.read(call.peer, TARIFF, payload, row.version, call.now),
        now=call.now,
    )
    return Reply()


@TARIFFS_RECEIVER.on("DELETE", ADDRESS)
def tariff_delete(call: Call) -> Reply:
    """The operator ends a tariff (§11.2.2.3)."""
    tariff_remove(row=_found(call, check_owner(call)), now=call.now)
    return Reply()


@storer("tariffs")
def tariff_pulled(arrival: Arrival) -> bool:
    """A tariff out of the operator's list."""
    parsed = arrival.read(TARIFF, needed=("id", "last_updated"))
    owner = owner_of(arrival.partner, arrival.version, parsed)
    return tariff_store(told=told_of(arrival.partner, arrival, owner, parsed))
