"""Hub client info, receiver: a hub tells which parties it reaches (OCPI 2.2.1 §15.3.1)."""

from ocpi.core.errors import ObjectUnknown
from ocpi.core.modules import RECEIVER, Arrival, Call, Interface, Reply, storer
from ocpi.core.ownership import check_same
from ocpi.modules.hubclientinfo.schema import CLIENT_INFO
from ocpi.services.hub_clients import hub_check, hub_client_find, hub_client_store

CLIENTS_RECEIVER = Interface(
    "hubclientinfo", RECEIVER, roles=("CPO", "EMSP", "NAP", "NSP", "OTHER", "SCSP"), since="2.2.1"
)
ADDRESS = "{country_code}/{party_id}"


@CLIENTS_RECEIVER.on("GET", ADDRESS)
def client_read(call: Call) -> Reply:
    """The party as the hub told it, word for word."""
    row = hub_client_find(
        partner=call.peer, country_code=call.params["country_code"], party_id=call.params["party_id"]
    )
    if row is None:
        raise ObjectUnknown("This party is not known.")
    return Reply(row.payload)


@CLIENTS_RECEIVER.on("PUT", ADDRESS)
def client_put(call: Call) -> Reply:
    """A party that is new, or connected otherwise than before."""
    hub_check(call.peer)
    parsed = call.read(CLIENT_INFO)
    check_same(parsed, [(name, call.params[name]) for name in ("country_code", "party_id")])
    created = hub_client_store(
        partner=call.peer, payload=call.body, parsed=parsed, version=call.version, now=call.now
    )
    return Reply(http_status=201 if created else 200)


@storer("hubclientinfo")
def client_keep(arrival: Arrival) -> bool:
    """A party out of the hub's list."""
    hub_check(arrival.partner)
    parsed = CLIENT_INFO.parse(arrival.body, arrival.version)
    return hub_client_store(
        partner=arrival.partner,
        payload=arrival.body,
        parsed=parsed,
        version=arrival.version,
        now=arrival.now,
    )
