"""Sessions, receiver: what operators tell us of our drivers' sessions (OCPI 2.2.1 §9.2.2)."""

from ocpi.core import leniency
from ocpi.core.errors import ObjectUnknown, ParametersInvalid
from ocpi.core.modules import RECEIVER, Arrival, Call, Interface, Reply, storer
from ocpi.core.ownership import check_owner, named_in, owner_of
from ocpi.models import ReceivedSession
from ocpi.modules.sessions.schema import SESSION
from ocpi.services.received import object_find, session_merge, session_store, told_of

SESSIONS_RECEIVER = Interface("sessions", RECEIVER, roles=("EMSP", "SCSP"))
ADDRESS = "{country_code}/{party_id}/{session_id}"


def _found(call: Call, owner: tuple[str, str]) -> ReceivedSession:
    row = object_find(ReceivedSession, call.organization, owner, call.params["session_id"])
    if row is None:
        raise ObjectUnknown("This session is not known.")
    return row


@SESSIONS_RECEIVER.on("GET", ADDRESS)
def session_read(call: Call) -> Reply:
    """The session as its owner told it, word for word."""
    return Reply(_found(call, check_owner(call, reading=True)).payload)


@SESSIONS_RECEIVER.on("PUT", ADDRESS)
def session_put(call: Call) -> Reply:
    """A new or changed session; replaces all there was (§9.2.2.2)."""
    check_owner(call)
    parsed = call.read(SESSION, needed=("id", "last_updated"))
    owner = check_owner(call, parsed, id_param="session_id")
    told = told_of(call.peer, call, owner, parsed)
    return Reply(http_status=201 if session_store(told=told) else 200)


@SESSIONS_RECEIVER.on("PATCH", ADDRESS)
def session_patch(call: Call) -> Reply:
    """Some fields of a known session; charging periods are added (§9.2.2.3)."""
    check_owner(call)
    changes = call.read(SESSION, partial=True)
    if "last_updated" not in changes and named_in(call.version):
        raise ParametersInvalid("last_updated is missing.", {"last_updated": "is missing"})
    row = _found(call, check_owner(call, changes, id_param="session_id"))
    session_merge(
        row=row,
        changes=call.body,
        last_updated=changes.get("last_updated"),
        check=lambda payload: leniency.read(call.peer, SESSION, payload, row.version, call.now),
        now=call.now,
    )
    return Reply()


@storer("sessions")
def session_pulled(arrival: Arrival) -> bool:
    """A session out of the operator's list."""
    parsed = arrival.read(SESSION, needed=("id", "last_updated"))
    owner = owner_of(arrival.partner, arrival.version, parsed)
    return session_store(told=told_of(arrival.partner, arrival, owner, parsed))
