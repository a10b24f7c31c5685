"""What partners sent us of our drivers: sessions and CDRs, word for word."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from emobility.lib.display import link, moment, pretty
from ocpi.models import ReceivedCdr, ReceivedSession
from registry.admin.actions import object_url
from registry.admin.story import HistoryStoryAdmin


class ReceivedAdmin(HistoryStoryAdmin):
    """Objects of partners, newest first."""

    paginator = InfinitePaginator
    list_display = ("object_id", "owner", "partner", "energy", "total", "received")
    list_select_related = ("partner", "organization")
    search_fields = ("object_key", "party_id", "partner__name")
    ordering = ("-id",)

    @display(description=_("owner"))
    def owner(self, row: Any) -> str:
        """Whose charge point it was."""
        return f"{row.country_code}-{row.party_id}"

    @display(description=_("energy"))
    def energy(self, row: Any) -> str:
        """kWh as the partner gave them."""
        value = row.payload.get("total_energy", row.payload.get("kwh"))
        return "" if value is None else f"{value} kWh"

    @display(description=_("total"))
    def total(self, row: Any) -> str:
        """The price as the partner gave it, VAT included where it says so."""
        cost = row.payload.get("total_cost")
        if not isinstance(cost, dict):
            return ""
        amount = cost.get("incl_vat", cost.get("excl_vat", ""))
        return f"{amount} {row.payload.get('currency', '')}".strip()

    @display(description=_("received"), ordering="received_at")
    def received(self, row: Any) -> Any:
        """When it came."""
        return moment(row.received_at, row.organization.time_zone, seconds=True)

    def story(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """The object."""
        facts = [
            (_("Partner"), link(object_url(obj.partner), obj.partner)),
            (_("Owner"), self.owner(obj)),
            (_("Energy"), self.energy(obj)),
            (_("Total"), self.total(obj)),
            (_("Received"), self.received(obj)),
        ]
        return {
            "cards": [{"key": "facts", "facts": facts}, {"title": _("Object"), "body": pretty(obj.payload)}]
        }


@admin.register(ReceivedCdr)
class ReceivedCdrAdmin(ReceivedAdmin):
    """CDRs of our drivers at partners' charge points."""

    empty_text = _("Partners send them after our drivers charged at their charge points.")
    empty_link = reverse_lazy("admin:ocpi_partner_changelist")


@admin.register(ReceivedSession)
class ReceivedSessionAdmin(ReceivedAdmin):
    """Sessions of our drivers at partners' charge points."""
