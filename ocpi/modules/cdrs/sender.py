"""CDRs, sender: the list that partners pull (OCPI 2.2.1 §10.2.1)."""

from django.db.models import Q

from ocpi.core.modules import SENDER, Call, Interface, Reply
from ocpi.core.paging import read_page
from ocpi.models import SealedCdr
from ocpi.selectors.partners import party_names

CDRS_SENDER = Interface("cdrs", SENDER, roles=("CPO",), since="2.2.1", until="2.3.0")


@CDRS_SENDER.on("GET")
def cdrs_list(call: Call) -> Reply:
    """CDRs of the partner's tokens as they were sealed, oldest first."""
    page = read_page(call.query)
    names = Q(pk__in=[])
    for country_code, party_id in party_names(call.peer):
        names |= Q(token_country_code=country_code, token_party_id=party_id)
    found = SealedCdr.objects.filter(names, organization=call.organization)
    if page.date_from:
        found = found.filter(last_updated__gte=page.date_from)
    if page.date_to:
        found = found.filter(last_updated__lt=page.date_to)
    rows = found.order_by("pk").values_list("payload", flat=True)
    part = list(rows[page.offset : page.offset + page.limit])
    return Reply(part, headers=page.headers(call.url, found.count()))
