"""CDRs, sender: the list that partners pull (OCPI 2.2.1 §10.2.1)."""

from functools import reduce
from operator import or_

from django.db.models import Q

from ocpi.core.modules import SENDER, Call, Interface, Reply
from ocpi.core.paging import read_page, read_rows
from ocpi.core.totals import total_kept
from ocpi.models import SealedCdr
from ocpi.modules.cdrs.mapping import cdr_tell
from ocpi.selectors.partners import party_names

CDRS_SENDER = Interface("cdrs", SENDER, roles=("CPO",))


@CDRS_SENDER.on("GET")
def cdrs_list(call: Call) -> Reply:
    """CDRs of the partner's tokens as they were sealed, oldest first."""
    page = read_page(call.query)
    names = sorted(party_names(call.peer))
    parties = [
        Q(token_country_code=country_code, token_party_id=party_id) for country_code, party_id in names
    ]
    found = SealedCdr.objects.filter(reduce(or_, parties, Q(pk__in=[])), organization=call.organization)
    kept = f"cdrs:{call.organization.pk}:{','.join(map(''.join, names))}"
    rows, total = read_rows(found, page, count=lambda rows: total_kept(rows, kept, call.now))
    return Reply([cdr_tell(row, call.version) for row in rows], headers=page.headers(call.url, total))
