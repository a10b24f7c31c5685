"""CDRs, receiver: what operators bill us for our drivers (OCPI 2.2.1 §10.2.2)."""

from urllib.parse import quote

from ocpi.core.errors import ObjectUnknown
from ocpi.core.modules import RECEIVER, Arrival, Call, Interface, Reply, storer
from ocpi.core.ownership import check_owner, owner_of
from ocpi.models import ReceivedCdr
from ocpi.modules.cdrs.schema import CDR
from ocpi.selectors.partners import party_names
from ocpi.services.received import cdr_store, told_of

CDRS_RECEIVER = Interface("cdrs", RECEIVER, roles=("EMSP",))


@CDRS_RECEIVER.on("POST")
def cdr_post(call: Call) -> Reply:
    """A new CDR: 201 with its address; the same one again: 200 with the same address (§10.2.2.2)."""
    row, created = _stored(Arrival(call.peer, call.version, call.body, call.now))
    address = "/".join(quote(part, safe="") for part in (row.country_code, row.party_id, row.object_id))
    return Reply(http_status=201 if created else 200, headers={"Location": f"{call.url}/{address}"})


@CDRS_RECEIVER.on("GET", "{country_code}/{party_id}/{cdr_id}")
def cdr_read(call: Call) -> Reply:
    """The CDR at the address that the POST answered, word for word."""
    return Reply(_payload(call, {check_owner(call, reading=True)}))


@CDRS_RECEIVER.on("GET", "{cdr_id}")
def cdr_read_short(call: Call) -> Reply:
    """The same by its id alone, among the partner's own: for senders that lost the address."""
    return Reply(_payload(call, party_names(call.peer)))


@storer("cdrs")
def cdr_pulled(arrival: Arrival) -> bool:
    """A CDR out of the operator's list."""
    return _stored(arrival)[1]


def _stored(arrival: Arrival) -> tuple[ReceivedCdr, bool]:
    parsed = arrival.read(CDR, needed=("id", "last_updated"))
    owner = owner_of(arrival.partner, arrival.version, parsed)
    return cdr_store(told=told_of(arrival.partner, arrival, owner, parsed))


def _payload(call: Call, owners: set[tuple[str, str]]) -> object:
    rows = ReceivedCdr.objects.filter(
        organization=call.organization, object_key=call.params["cdr_id"].upper()
    )
    found = [row for row in rows if (row.country_code, row.party_id) in owners]
    if len(found) != 1:
        raise ObjectUnknown("This CDR is not known.")
    return found[0].payload
