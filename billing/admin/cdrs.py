"""CDRs: what each ended session came to; read-only for everybody."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from billing.admin.cdr_story import cdr_story, delivery_badges, review_badge
from billing.admin.review_actions import CDR_ACTIONS
from billing.models import Cdr
from billing.ports import ports
from emobility.lib.display import kwh, link, masked, moment, money
from registry.admin.actions import object_url
from registry.admin.changelist import PricedChangeList
from registry.admin.filters import ChoiceFilter, OrganizationFilter
from registry.admin.story import HistoryStoryAdmin

RELATED = (
    "organization",
    "session__charge_point",
    "session__site",
    "tariff_version__tariff",
    "credit_of",
    "replaces",
)


class ReviewFilter(ChoiceFilter):
    """By whether a person has to look first."""

    title, parameter_name = _("review"), "review"
    options = (("True", _("needs review")), ("False", _("ready")))

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Held ones of which nobody decided, or those that are free to go."""
        if self.value() == "True":
            return queryset.filter(needs_review=True, reviews__decision="")
        return queryset.ready_for_delivery() if self.value() else queryset


@admin.register(Cdr)
class CdrAdmin(HistoryStoryAdmin):
    """CDRs, newest first, with their state at each partner."""

    object_actions = CDR_ACTIONS
    paginator = InfinitePaginator
    list_display = ("ended", "session_link", "energy", "total", "state", "partners")
    list_filter = (ReviewFilter, ("ended_at", RangeDateTimeFilter), OrganizationFilter)
    list_select_related = False
    search_fields = ("cdr_id", "session__transaction_id", "session__id_tag", "session__charge_point__cp_id")
    ordering = ("-id",)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        """A list that asks for all deliveries of its page at once."""
        return CdrChangeList

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With what both pages show."""
        return super().get_queryset(request).select_related(*RELATED).prefetch_related("reviews")

    @display(description=_("ended"), ordering="ended_at")
    def ended(self, cdr: Cdr) -> Any:
        """When the session ended, at its place."""
        return moment(cdr.ended_at, (cdr.session.site or cdr.organization).time_zone)

    @display(description=_("session"))
    def session_link(self, cdr: Cdr) -> Any:
        """The session it is of."""
        where = link(object_url(cdr.session), cdr.session.charge_point)
        return format_html('{} <span class="em-mute-text">· {}</span>', where, masked(cdr.session.id_tag))

    @display(description=_("energy"), ordering="energy_wh")
    def energy(self, cdr: Cdr) -> str:
        """Energy in kWh."""
        return kwh(cdr.energy_wh)

    @display(description=_("total incl. VAT"), ordering="total_cost_incl")
    def total(self, cdr: Cdr) -> str:
        """What it came to."""
        return money(cdr.total_cost_incl, cdr.currency)

    @display(description=_("state"), ordering="needs_review")
    def state(self, cdr: Cdr) -> Any:
        """Ready, or waiting for a person."""
        return review_badge(cdr)

    @display(description=_("at partners"))
    def partners(self, cdr: Any) -> Any:
        """How far it is at each partner."""
        return delivery_badges(getattr(cdr, "deliveries_found", ()))

    def story(self, request: HttpRequest, obj: Cdr) -> dict[str, Any]:
        """What it came to and why."""
        return cdr_story(obj)


class CdrChangeList(PricedChangeList):
    """Deliveries of a page from one question."""

    @staticmethod
    def price(rows: list[Any]) -> None:
        """Put `deliveries_found` on each CDR."""
        found = ports.cdr_deliveries([cdr.pk for cdr in rows])
        for cdr in rows:
            cdr.deliveries_found = found.get(cdr.pk, ())
