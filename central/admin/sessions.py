"""Sessions: the list, and the one story of each."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from central.admin.filters import ReviewFilter, SessionStateFilter, StartedFilter, StopFilter
from central.admin.session_actions import ACTIONS
from central.admin.session_story import session_story
from central.admin.words import session_badge
from central.models import Session
from central.models.session import SessionState
from central.ports import ports
from emobility.lib.display import NOTHING, keep, kw, kwh, moment, money, span
from registry.admin.changelist import PricedChangeList
from registry.admin.exporting import ExportingAdmin
from registry.admin.filters import OrganizationFilter, SiteFilter
from registry.admin.story import HistoryStoryAdmin


@admin.register(Session)
class SessionAdmin(ExportingAdmin, HistoryStoryAdmin):
    """Sessions, newest first; running ones move."""

    export_name = "sessions"
    object_actions = ACTIONS
    story_template = "admin/session.html"
    change_list_template = "admin/live_list.html"
    list_live_topics = "sessions"
    list_display = ("start", "place", "tag", "state_now", "duration", "energy", "power", "cost")
    list_filter = (
        SessionStateFilter,
        SiteFilter,
        StartedFilter,
        ReviewFilter,
        StopFilter,
        OrganizationFilter,
    )
    list_select_related = ("charge_point", "site", "organization")
    search_fields = ("transaction_id", "id_tag", "charge_point__cp_id", "site__name")
    ordering = ("-id",)
    list_fullwidth = True
    empty_text = _(
        "A session appears when a driver holds a known tag to a charge point, or when you start one."
    )
    empty_link = reverse_lazy("admin:registry_chargepoint_changelist")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        """A list that asks for all prices of its page at once."""
        return SessionChangeList

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Without the long columns; for a page of one session, with all that the page tells of."""
        rows = super().get_queryset(request).defer("start_key")
        place = request.resolver_match
        if place is None or "object_id" not in place.kwargs:
            return rows
        return rows.select_related("charge_point_cost", "id_token", *self.list_select_related)

    @display(description=_("start"), ordering="started_at")
    def start(self, session: Session) -> Any:
        """When it began, at its place."""
        return moment(session.started_at, zone_of(session))

    @display(description=_("charge point"), ordering="charge_point__cp_id")
    def place(self, session: Session) -> SafeString:
        """Charge point and connector."""
        where = session.site.name if session.site else session.charge_point.location
        return format_html(
            '<span>{} <span class="em-mute-text">· {} {}</span></span>',
            session.charge_point.cp_id,
            _("connector {number}").format(number=session.evse_number),
            f"· {where}" if where else "",
        )

    @display(description=_("tag"), ordering="id_tag")
    def tag(self, session: Session) -> Any:
        """The tag that began it."""
        return keep(session.id_tag)

    @display(description=_("state"), ordering="state")
    def state_now(self, session: Session) -> SafeString:
        """Running, ended, or waiting for a person."""
        return session_badge(session, timezone.now())

    @display(description=_("duration"))
    def duration(self, session: Session) -> str:
        """From start to end, or until now."""
        return span((session.ended_at or timezone.now()) - session.started_at)

    @display(description=_("energy"), ordering="energy_wh")
    def energy(self, session: Session) -> str:
        """Energy so far."""
        return kwh(session.energy_wh)

    @display(description=_("power now"), ordering="power_w")
    def power(self, session: Session) -> str:
        """Power, while it runs."""
        return kw(session.power_w) if session.state == SessionState.ACTIVE else NOTHING

    @display(description=_("cost"))
    def cost(self, session: Any) -> str:
        """What it costs so far, VAT included."""
        price = getattr(session, "price", None)
        return money(price.amount_incl, price.currency) if price else NOTHING

    def story(self, request: HttpRequest, obj: Session) -> dict[str, Any]:
        """What happened, and why it costs what it costs."""
        return session_story(request, obj, timezone.now())


class SessionChangeList(PricedChangeList):
    """Prices of a page from one question."""

    @staticmethod
    def price(rows: list[Any]) -> None:
        """Put a `price` on each session."""
        costs = ports.running_cost([session.pk for session in rows])
        for session in rows:
            session.price = costs.get(session.pk)


def zone_of(session: Session) -> str:
    """The time zone of the session's place."""
    return (session.site or session.organization).time_zone
