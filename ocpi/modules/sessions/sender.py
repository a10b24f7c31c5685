"""Sessions, sender: the list that partners pull, and drivers' preferences (OCPI 2.2.1 §9.2.1)."""

from central.models import Session
from ocpi.core.driver_objects import CHARGING_PREFERENCES
from ocpi.core.errors import ObjectUnknown
from ocpi.core.modules import SENDER, Call, Interface, Reply
from ocpi.core.paging import read_page
from ocpi.core.versions import V211
from ocpi.modules.sessions.mapping import RELATED, sessions_render
from ocpi.selectors.identity import identity_of
from ocpi.selectors.partners import known_parties
from ocpi.services.preferences import preferences_receive

SESSIONS_SENDER = Interface("sessions", SENDER, roles=("CPO",))


@SESSIONS_SENDER.on("GET")
def sessions_list(call: Call) -> Reply:
    """Sessions of the partner's tokens, oldest first; `date_from` is required (§9.2.1.1)."""
    page = read_page(call.query, date_from_required=True)
    found = Session.objects.filter(
        organization=call.organization,
        id_token__party__in=known_parties(call.peer),
        updated_at__gte=page.date_from,
    )
    if page.date_to:
        found = found.filter(updated_at__lt=page.date_to)
    rows = found.select_related(*RELATED).order_by("pk")[page.offset : page.offset + page.limit]
    total = found.count()
    own = identity_of(call.organization)
    return Reply(sessions_render(list(rows), own, call.version), headers=page.headers(call.url, total))


@SESSIONS_SENDER.on("PUT", "{session_id}/charging_preferences")
def preferences_put(call: Call) -> Reply:
    """What the driver wants of a running session; answered with a bare word (§9.2.1.2)."""
    if call.version == V211:
        raise ObjectUnknown("There is nothing at this address.")
    wanted = call.read(CHARGING_PREFERENCES)
    found = preferences_receive(
        partner=call.peer, session_id=call.params["session_id"], wanted=wanted, now=call.now
    )
    return Reply(found)
