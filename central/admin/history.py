"""Smaller histories: what matches no session, vendor messages, changes of state."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from central.admin.filters import DirectionFilter
from central.models import DataTransfer, SessionEvent
from central.selectors.messages import frames_received
from central.selectors.overview import zone_of
from central.selectors.words import review_words
from emobility.lib.display import badge, code, link, moment, pretty
from registry.admin.actions import object_url
from registry.admin.filters import ChoiceFilter
from registry.admin.story import HistoryStoryAdmin


def frame_link(frames: Mapping[datetime, int], event: SessionEvent) -> Any:
    """The message that brought an event, where the log still keeps it."""
    key = frames.get(event.received_at)
    if key is None:
        return ""
    return link(reverse("admin:central_message_change", args=[key]), _("in the message log"))


class QuarantineFilter(ChoiceFilter):
    """Events that match no session and wait for a person."""

    title, parameter_name = _("quarantine"), "quarantine"
    options = (("1", _("in quarantine")),)

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Only those with a reason."""
        return queryset.exclude(quarantine_reason="") if self.value() else queryset


class PlacedHistoryAdmin(HistoryStoryAdmin):
    """History of a charge point."""

    organization_column = False
    paginator = InfinitePaginator
    list_select_related: Any = ("charge_point__site", "charge_point__organization")
    ordering = ("-id",)

    @display(description=_("time"), ordering="id")
    def time(self, row: Any) -> Any:
        """When, at its place."""
        return moment(row.at, zone_of(row.charge_point), seconds=True)


@admin.register(SessionEvent)
class SessionEventAdmin(PlacedHistoryAdmin):
    """What charge points said of transactions, word for word."""

    list_display = ("time", "charge_point", "kind", "session", "reason")
    list_filter = (QuarantineFilter,)
    list_select_related = ("charge_point__site", "charge_point__organization", "session")
    search_fields = ("charge_point__cp_id", "=key")
    empty_text = _("Charge points have not reported any transaction yet.")

    @display(description=_("in quarantine because"))
    def reason(self, event: SessionEvent) -> Any:
        """Why it belongs to no session."""
        return badge(review_words(event.quarantine_reason), "warn") if event.quarantine_reason else ""

    def story(self, request: HttpRequest, obj: SessionEvent) -> dict[str, Any]:
        """The event, its answer, its session."""
        facts = [
            (_("Charge point"), link(object_url(obj.charge_point), obj.charge_point)),
            (_("Time"), self.time(obj)),
            (_("Received"), moment(obj.received_at, zone_of(obj.charge_point), seconds=True)),
            (_("Said"), obj.kind),
            (_("Session"), link(object_url(obj.session), obj.session) if obj.session else ""),
            (_("In quarantine because"), review_words(obj.quarantine_reason)),
            (_("Frame"), frame_link(frames_received(obj.charge_point_id, [obj.received_at]), obj)),
        ]
        return {
            "title": f"{obj.kind} · {obj.charge_point}",
            "cards": [
                {"title": _("Event"), "facts": facts},
                {"title": _("Payload"), "width": "em-w6", "body": pretty(obj.payload)},
                {"title": _("Answer"), "width": "em-w6", "body": pretty(obj.answer)},
            ],
        }


@admin.register(DataTransfer)
class DataTransferAdmin(PlacedHistoryAdmin):
    """Vendor messages of both directions, whoever understands them."""

    list_display = ("time", "charge_point", "direction", "vendor_id", "vendor_message_id", "status")
    list_filter = (DirectionFilter,)
    search_fields = ("charge_point__cp_id", "vendor_id", "vendor_message_id")
    empty_text = _(
        "Charge points send them by themselves. To send one, open a charge point and choose "
        "Send a vendor message."
    )
    empty_link = reverse_lazy("admin:registry_chargepoint_changelist")

    def story(self, request: HttpRequest, obj: DataTransfer) -> dict[str, Any]:
        """The message and its data."""
        facts = [
            (_("Charge point"), link(object_url(obj.charge_point), obj.charge_point)),
            (_("Time"), self.time(obj)),
            (_("Direction"), obj.get_direction_display()),
            (_("Command"), link(object_url(obj.command), obj.command.order) if obj.command else ""),
            (_("Vendor"), obj.vendor_id),
            (_("Message"), code(obj.vendor_message_id)),
            (_("Answered"), code(obj.status)),
        ]
        return {
            "cards": [
                {"title": _("Vendor message"), "facts": facts},
                {"title": _("Data"), "width": "em-w6", "body": pretty(obj.data)},
                {"title": _("Answer"), "width": "em-w6", "body": pretty(obj.answer)},
            ]
        }
