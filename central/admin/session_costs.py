"""What charge points calculate for sessions by themselves, beside our own price."""

from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from central.admin.filters import CommandSiteFilter
from central.admin.history import PlacedHistoryAdmin
from central.models import Session, SessionCost
from central.ports import RunningCost, ports
from central.selectors.overview import zone_of
from emobility.lib.display import NOTHING, badge, code, link, moment, money, pretty
from emobility.lib.money import round_minor
from registry.admin.actions import object_url
from registry.admin.filters import ChoiceFilter, OrganizationFilter

PARTS = (
    ("fixed", _("Start fee")),
    ("energy", _("Energy")),
    ("chargingTime", _("Charging time")),
    ("idleTime", _("Parking time")),
    ("reservationTime", _("Reservation, by time")),
    ("reservationFixed", _("Reservation, fixed")),
)


class FailedFilter(ChoiceFilter):
    """Where the charge point could not calculate."""

    title, parameter_name = _("calculation"), "failed"
    options = (("1", _("failed")),)

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Only those."""
        return queryset.filter(failed=True) if self.value() else queryset


@admin.register(SessionCost)
class SessionCostAdmin(PlacedHistoryAdmin):
    """Calculations, newest first."""

    list_display = ("time", "charge_point", "of_session", "without_tax", "with_tax", "state_now", "tariff_id")
    list_filter = (FailedFilter, CommandSiteFilter, OrganizationFilter)
    list_select_related = ("charge_point__site", "charge_point__organization", "session")
    search_fields = ("charge_point__cp_id", "session__transaction_id", "tariff_id")
    empty_text = _("No charge point has calculated a price yet. Install a tariff at one with OCPP 2.1.")

    @display(description=_("session"))
    def of_session(self, row: SessionCost) -> Any:
        """Which one."""
        return link(object_url(row.session), row.session)

    @display(description=_("excl. tax"), ordering="total_excl")
    def without_tax(self, row: SessionCost) -> Any:
        """The charge point's total."""
        return _sum(row.total_excl, row.currency)

    @display(description=_("incl. tax"), ordering="total_incl")
    def with_tax(self, row: SessionCost) -> Any:
        """The charge point's total."""
        return _sum(row.total_incl, row.currency)

    @display(description=_("state"), ordering="is_final")
    def state_now(self, row: SessionCost) -> Any:
        """Final, so far, or failed."""
        return cost_badge(row)

    def story(self, request: HttpRequest, obj: SessionCost) -> dict[str, Any]:
        """Its parts, and how far it is from ours."""
        zone = zone_of(obj.charge_point)
        facts = [
            (_("Charge point"), link(object_url(obj.charge_point), obj.charge_point)),
            (_("Session"), link(object_url(obj.session), obj.session)),
            *cost_facts(obj, ports.running_cost([obj.session_id]).get(obj.session_id)),
            (_("Tariff there"), code(obj.tariff_id) if obj.tariff_id else NOTHING),
            (_("Time"), moment(obj.at, zone, seconds=True)),
            (_("Failed because"), obj.failure or NOTHING),
        ]
        return {
            "title": _("Cost of {session}, by the charge point").format(session=obj.session),
            "state_badge": cost_badge(obj),
            "cards": [
                {"title": _("Calculation"), "width": "em-w6", "facts": facts},
                _parts(obj),
                {"title": _("Details"), "body": pretty(obj.details)},
            ],
        }


def calculated_cards(session: Session, ours: RunningCost | None) -> list[dict[str, Any]]:
    """For the page of a session: what its charge point calculated; nothing where it did not."""
    row = getattr(session, "charge_point_cost", None)
    if row is None:
        return []
    facts = [*cost_facts(row, ours), (_("State"), link(object_url(row), cost_badge(row)))]
    return [{"key": "calculated", "title": _("Calculated by the charge point"), "facts": facts}]


def cost_badge(row: SessionCost) -> Any:
    """Final, so far, or failed."""
    if row.failed:
        return badge(_("Failed"), "bad")
    return badge(_("Final"), "good") if row.is_final else badge(_("So far"), "busy")


def cost_facts(row: SessionCost, ours: RunningCost | None) -> list[tuple[Any, Any]]:
    """Theirs, ours, and the difference: incl. tax, or excl. where they told no other."""
    with_tax = row.total_incl is not None
    theirs = row.total_incl if with_tax else row.total_excl
    facts = [
        (
            _("Charge point, incl. tax") if with_tax else _("Charge point, excl. tax"),
            _sum(theirs, row.currency),
        )
    ]
    if ours is None or theirs is None or ours.currency != row.currency:
        return facts
    mine = round_minor(ours.amount_incl if with_tax else ours.amount_excl, ours.currency)
    return [
        *facts,
        (_("Our price"), money(mine, ours.currency)),
        (_("Difference"), difference_badge(round_minor(theirs, row.currency) - mine, row.currency)),
    ]


def difference_badge(difference: Decimal, currency: str) -> Any:
    """How far an amount is from ours."""
    return badge(money(difference, currency), "warn") if difference else badge(_("none"), "good")


def _parts(row: SessionCost) -> dict[str, Any]:
    columns = [_("For"), _("excl. tax"), _("incl. tax")]
    costs = row.details.get("totalCost", {})
    rows = [
        [
            (columns[0], word),
            (columns[1], _part(costs[name], "exclTax", row.currency)),
            (columns[2], _part(costs[name], "inclTax", row.currency)),
        ]
        for name, word in PARTS
        if name in costs
    ]
    return {
        "title": _("Parts"),
        "width": "em-w6",
        "columns": columns,
        "rows": rows,
        "empty": _("It told no parts."),
    }


def _part(price: dict[str, Any], name: str, currency: str) -> Any:
    return money(Decimal(str(price[name])), currency) if name in price else NOTHING


def _sum(amount: Decimal | None, currency: str) -> Any:
    return NOTHING if amount is None else money(amount, currency)
