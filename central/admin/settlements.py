"""Settlements of payment terminals: the list, and the story of each beside our own price."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from central.admin.filters import CommandSiteFilter
from central.admin.history import PlacedHistoryAdmin
from central.admin.session_costs import difference_badge
from central.models import Settlement
from central.ports import ports
from central.selectors.overview import zone_of
from emobility.lib.display import NOTHING, badge, code, keep, link, moment, money
from emobility.lib.money import round_minor
from registry.admin.actions import object_url
from registry.admin.filters import ChoiceFilter, OrganizationFilter

WORDS = {
    "Settled": (_("Settled"), "good"),
    "Canceled": (_("Cancelled"), "mute"),
    "Rejected": (_("Refused by the payment provider"), "bad"),
    "Failed": (_("Failed"), "bad"),
}


class SettlementStatusFilter(ChoiceFilter):
    """By what became of it."""

    title, parameter_name = _("status"), "status"
    options = tuple((status, word) for status, (word, _tone) in WORDS.items())


@admin.register(Settlement)
class SettlementAdmin(PlacedHistoryAdmin):
    """Settlements, newest first."""

    list_display = ("settled", "charge_point", "reference", "status_now", "sum", "of_session")
    list_filter = (SettlementStatusFilter, CommandSiteFilter, OrganizationFilter)
    list_select_related = ("charge_point__site", "charge_point__organization", "session")
    search_fields = ("charge_point__cp_id", "psp_ref", "transaction_id", "receipt_id", "vat_number")
    empty_text = _("No payment terminal has settled anything yet.")

    @display(description=_("time"), ordering="id")
    def settled(self, row: Settlement) -> Any:
        """When, at its place."""
        return moment(row.settled_at, zone_of(row.charge_point), seconds=True)

    @display(description=_("payment reference"), ordering="psp_ref")
    def reference(self, row: Settlement) -> Any:
        """The terminal's reference."""
        return keep(row.psp_ref)

    @display(description=_("status"), ordering="status")
    def status_now(self, row: Settlement) -> Any:
        """In plain words."""
        return _badge(row)

    @display(description=_("amount"), ordering="amount")
    def sum(self, row: Settlement) -> Any:
        """In the currency of the charge point, which the message does not name."""
        return f"{row.amount.normalize():f}"

    @display(description=_("session"))
    def of_session(self, row: Settlement) -> Any:
        """What was paid."""
        return link(object_url(row.session), row.session) if row.session else NOTHING

    def story(self, request: HttpRequest, obj: Settlement) -> dict[str, Any]:
        """What was paid, whether it is what it cost, where the receipt is."""
        zone = zone_of(obj.charge_point)
        facts = [
            (_("Charge point"), link(object_url(obj.charge_point), obj.charge_point)),
            (_("Session"), self.of_session(obj)),
            (_("Transaction"), code(obj.transaction_id) if obj.transaction_id else NOTHING),
            *_amounts(obj),
            (_("Payment reference"), code(obj.psp_ref)),
            (_("Status"), code(obj.status)),
            (_("Said by the terminal"), obj.status_info or NOTHING),
            (_("Time"), moment(obj.settled_at, zone, seconds=True)),
            (_("Received"), moment(obj.received_at, zone, seconds=True)),
        ]
        receipt = [
            (_("Receipt"), code(obj.receipt_id) if obj.receipt_id else NOTHING),
            (_("Address"), obj.receipt_url or NOTHING),
            (_("Given by"), _giver(obj)),
            (_("VAT number"), obj.vat_number or NOTHING),
            (_("Company"), _address(obj.vat_company)),
        ]
        return {
            "title": _("Settlement {reference}").format(reference=obj.psp_ref),
            "state_badge": _badge(obj),
            "cards": [
                {"title": _("Settlement"), "width": "em-w6", "facts": facts},
                {"title": _("Receipt"), "width": "em-w6", "facts": receipt},
            ],
        }


def _badge(row: Settlement) -> Any:
    word, tone = WORDS.get(row.status, (row.status, "mute"))
    return badge(word, tone)


def _giver(row: Settlement) -> Any:
    if not row.receipt_url and not row.receipt_id:
        return NOTHING
    return _("us") if row.receipt_by_us else _("the charge point")


def _address(company: dict[str, str] | None) -> Any:
    names = ("name", "address1", "address2", "postalCode", "city", "country")
    return ", ".join(company[name] for name in names if company.get(name)) if company else NOTHING


def _amounts(row: Settlement) -> list[tuple[Any, Any]]:
    """The amount beside our own price of the session."""
    cost = ports.running_cost([row.session_id]).get(row.session_id) if row.session_id else None
    if cost is None:
        return [(_("Amount"), f"{row.amount.normalize():f}")]
    ours = round_minor(cost.amount_incl, cost.currency)
    return [
        (_("Amount"), money(row.amount, cost.currency)),
        (_("Our price"), money(ours, cost.currency)),
        (_("Difference"), difference_badge(row.amount - ours, cost.currency)),
    ]
