"""Reservations: the list, the story of each, and taking one back."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from central.admin.filters import CommandSiteFilter
from central.admin.words import command_badge
from central.models import Reservation
from central.models.reservation import ReservationState
from central.ocpp.ordering import order_place
from central.selectors.overview import zone_of
from central.services.reservations import CANCEL, OPEN
from emobility.lib.display import NOTHING, badge, code, keep, link, moment
from registry.admin.actions import ObjectAction, Outcome, object_url
from registry.admin.filters import ChoiceFilter, OrganizationFilter
from registry.admin.story import HistoryStoryAdmin
from registry.rights import Right

TONES = {
    ReservationState.REQUESTED: "info",
    ReservationState.ACTIVE: "busy",
    ReservationState.REJECTED: "bad",
    ReservationState.USED: "good",
    ReservationState.UNKNOWN: "warn",
}


def _cancel(request: HttpRequest, obj: Reservation, values: dict[str, Any]) -> Outcome:
    user: Any = request.user
    order_place(
        charge_point=obj.charge_point,
        order=CANCEL,
        params={"reservation_id": obj.number},
        requested_by=user,
        source="admin",
        now=timezone.now(),
    )
    return _t("The end of the reservation is ordered. It ends when the charge point answers.")


def _over(obj: Reservation) -> str:
    return "" if obj.state in OPEN else _t("This reservation is over.")


class ReservationStateFilter(ChoiceFilter):
    """By state; `open` is all that may still hold a connector."""

    title, parameter_name = _("state"), "state"
    options = (("open", _("open")), *ReservationState.choices)

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Rows in that state."""
        if self.value() == "open":
            return queryset.filter(state__in=OPEN)
        return super().queryset(request, queryset)


@admin.register(Reservation)
class ReservationAdmin(HistoryStoryAdmin):
    """Reservations, newest first."""

    object_actions = (
        ObjectAction(
            slug="cancel",
            label=_("Cancel reservation"),
            explain=_("Gives the connector free for everybody. The driver is not told."),
            right=Right.OPERATE,
            run=_cancel,
            hindrance=_over,
            ask=True,
            danger=True,
            icon="event_busy",
        ),
    )
    list_display = ("name", "charge_point", "place", "tag", "state_now", "until", "used_by")
    list_filter = (ReservationStateFilter, CommandSiteFilter, OrganizationFilter)
    list_select_related = ("charge_point__site", "charge_point__organization", "session")
    search_fields = ("charge_point__cp_id", "id_tag", "group", "=number")
    ordering = ("-id",)
    empty_text = _("Nothing is reserved. Open a charge point and choose Reserve.")
    empty_link = reverse_lazy("admin:registry_chargepoint_changelist")

    @display(description=_("reservation"), ordering="number")
    def name(self, row: Reservation) -> Any:
        """The number that the charge point knows."""
        return row.number

    @display(description=_("connector"))
    def place(self, row: Reservation) -> Any:
        """Which EVSE, or any."""
        return row.evse_number or row.connector_type or _("any")

    @display(description=_("tag"), ordering="id_tag")
    def tag(self, row: Reservation) -> Any:
        """For whom."""
        return keep(row.id_tag)

    @display(description=_("state"), ordering="state")
    def state_now(self, row: Reservation) -> Any:
        """The state and its age."""
        return state_badge(row)

    @display(description=_("until"), ordering="expires_at")
    def until(self, row: Reservation) -> Any:
        """When it ends, at its place."""
        return moment(row.expires_at, zone_of(row.charge_point))

    @display(description=_("used by session"))
    def used_by(self, row: Reservation) -> Any:
        """The session that used it."""
        return link(object_url(row.session), row.session) if row.session else NOTHING

    def story(self, request: HttpRequest, obj: Reservation) -> dict[str, Any]:
        """For whom, where, until when, and what became of it."""
        zone, command = zone_of(obj.charge_point), obj.command
        facts = [
            (_("Charge point"), link(object_url(obj.charge_point), obj.charge_point)),
            (_("Connector"), self.place(obj)),
            (_("Tag"), obj.id_tag),
            (_("Group"), obj.group or NOTHING),
            (_("Until"), moment(obj.expires_at, zone)),
        ]
        course = [
            (_("Asked"), moment(obj.requested_at, zone, seconds=True)),
            (_("State since"), moment(obj.changed_at, zone, seconds=True)),
            (_("Answer or reason"), code(obj.word) if obj.word else NOTHING),
            (_("Used by session"), self.used_by(obj)),
            (_("Number there"), code(obj.number)),
        ]
        if command:
            course.append((_("Command"), link(object_url(command), command_badge(command, timezone.now()))))
        return {
            "title": _("Reservation {number}").format(number=obj.number),
            "state_badge": state_badge(obj),
            "cards": [
                {"title": _("Reservation"), "width": "em-w6", "facts": facts},
                {"title": _("What happened"), "width": "em-w6", "facts": course},
            ],
        }


def state_badge(row: Reservation) -> Any:
    """The state of a reservation with its age."""
    state = ReservationState(row.state)
    return badge(state.label.capitalize(), TONES.get(state, "mute"), row.changed_at, timezone.now())
