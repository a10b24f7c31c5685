"""Sessions, sender: the list that partners pull (OCPI 2.2.1 §9.2.1)."""

from central.models import Session
from ocpi.core.modules import SENDER, Call, Interface, Reply
from ocpi.core.paging import read_page
from ocpi.modules.sessions.mapping import RELATED, sessions_render
from ocpi.selectors.identity import identity_of
from ocpi.selectors.partners import known_parties

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
