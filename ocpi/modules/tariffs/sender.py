"""Tariffs, sender: what we ask for charging, as partners pull it (OCPI 2.2.1 §11.2.1)."""

from ocpi.core.convert import tariff_to
from ocpi.core.modules import SENDER, Call, Interface, Reply
from ocpi.core.paging import read_page, read_rows
from ocpi.models import Published
from ocpi.services.published import TARIFFS, ensure_published

TARIFFS_SENDER = Interface("tariffs", SENDER, roles=("CPO",))


@TARIFFS_SENDER.on("GET")
def tariffs_list(call: Call) -> Reply:
    """Tariffs that are in force somewhere, oldest first."""
    page = read_page(call.query)
    ensure_published(organization=call.organization, module=TARIFFS, now=call.now)
    found = Published.objects.filter(organization=call.organization, module=TARIFFS, removed_at=None)
    rows, total = read_rows(found, page)
    told = [tariff_to(call.version, row.payload) for row in rows]
    return Reply(told, headers=page.headers(call.url, total))
