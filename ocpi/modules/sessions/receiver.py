"""Sessions, receiver: what operators tell us of our drivers' sessions (OCPI 2.2.1 §9.2.2)."""

from ocpi.core.errors import ObjectUnknown, ParametersInvalid
from ocpi.core.modules import RECEIVER, Call, Interface, Reply
from ocpi.core.ownership import check_owner, same
from ocpi.models import ReceivedSession
from ocpi.modules.sessions.schema import SESSION
from ocpi.services.received import session_find, session_merge, session_store

SESSIONS_RECEIVER = Interface("sessions", RECEIVER, roles=("EMSP", "SCSP"), since="2.2.1", until="2.3.0")
ADDRESS = "{country_code}/{party_id}/{session_id}"


def _found(call: Call) -> ReceivedSession:
    row = session_find(
        organization=call.organization,
        country_code=call.params["country_code"],
        party_id=call.params["party_id"],
        session_id=call.params["session_id"],
    )
    if row is None:
        raise ObjectUnknown("This session is not known.")
    return row


@SESSIONS_RECEIVER.on("GET", ADDRESS)
def session_read(call: Call) -> Reply:
    """The session as its owner told it, word for word."""
    check_owner(call, reading=True)
    return Reply(_found(call).payload)


@SESSIONS_RECEIVER.on("PUT", ADDRESS)
def session_put(call: Call) -> Reply:
    """A new or changed session; replaces all there was (§9.2.2.2)."""
    check_owner(call)
    parsed = SESSION.parse(call.body, call.version)
    check_owner(call, parsed, id_param="session_id")
    created = session_store(
        partner=call.peer, payload=call.body, last_updated=parsed["last_updated"], now=call.now
    )
    return Reply(http_status=201 if created else 200)


@SESSIONS_RECEIVER.on("PATCH", ADDRESS)
def session_patch(call: Call) -> Reply:
    """Some fields of a known session; charging periods are added (§9.2.2.3)."""
    check_owner(call)
    changes = SESSION.parse_partial(call.body, call.version)
    if "last_updated" not in changes:
        raise ParametersInvalid("last_updated is missing.", {"last_updated": "is missing"})
    for name, param in (("country_code", "country_code"), ("party_id", "party_id"), ("id", "session_id")):
        if name in changes and not same(changes[name], call.params[param]):
            raise ParametersInvalid(f"{name} is not the one of the address.", {name: "differs"})
    session_merge(
        row=_found(call),
        changes=call.body,
        last_updated=changes["last_updated"],
        check=lambda payload: SESSION.parse(payload, call.version),
        now=call.now,
    )
    return Reply()
