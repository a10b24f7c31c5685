"""What connectors said of themselves over time, and when charge points were not connected."""

from typing import Any

from django.contrib import admin
from django.db.models import F
from django.http import HttpRequest
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from central.admin.cards import related
from central.admin.filters import CommandSiteFilter
from central.admin.history import PlacedHistoryAdmin
from central.models import OfflineSpan, StatusChange
from central.selectors.messages import frames_received
from central.selectors.overview import CONNECTOR_WORDS, zone_of
from emobility.lib.display import NOTHING, badge, code, link, moment, span
from registry.admin.actions import object_url
from registry.admin.filters import ChoiceFilter
from registry.rights import Right

FINE = frozenset({"", "NoError"})


class ReportedStateFilter(ChoiceFilter):
    """By what was said."""

    title, parameter_name = _("state"), "status"
    options = tuple((key, word) for key, (word, _tone) in CONNECTOR_WORDS.items())


class GoesOnFilter(ChoiceFilter):
    """Those that are over, or not."""

    title, parameter_name = _("state"), "now"
    options = (("1", _("goes on")), ("0", _("over")))

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Without an end, or with one."""
        return queryset.filter(ended_at__isnull=self.value() == "1") if self.value() else queryset


@admin.register(StatusChange)
class StatusChangeAdmin(PlacedHistoryAdmin):
    """Every state that was reported, newest first."""

    list_display = ("time", "charge_point", "place", "said", "fault")
    list_filter = (ReportedStateFilter, CommandSiteFilter)
    search_fields = ("charge_point__cp_id", "error_code")
    empty_text = _("Charge points report the state of their connectors by themselves.")
    empty_link = reverse_lazy("admin:registry_chargepoint_changelist")

    @display(description=_("place"))
    def place(self, row: StatusChange) -> Any:
        """EVSE and connector, or the whole."""
        if not row.evse_number:
            return _("Whole charge point")
        return f"{row.evse_number} / {row.connector_number}"

    @display(description=_("state"), ordering="status")
    def said(self, row: StatusChange) -> Any:
        """The state in plain words."""
        return badge(*CONNECTOR_WORDS.get(row.status, (row.status, "mute")))

    @display(description=_("error"), ordering="error_code")
    def fault(self, row: StatusChange) -> Any:
        """The error code, where it says that there is one."""
        return "" if row.error_code in FINE else code(row.error_code)

    def story(self, request: HttpRequest, obj: StatusChange) -> dict[str, Any]:
        """What was said, when, and the frame that said so."""
        zone = zone_of(obj.charge_point)
        frame = frames_received(obj.charge_point_id, [obj.received_at]).get(obj.received_at)
        shown = link(reverse("admin:central_message_change", args=[frame]), _("in the message log"))
        facts = [
            (_("Charge point"), link(object_url(obj.charge_point), obj.charge_point)),
            (_("Place"), self.place(obj)),
            (_("Reported"), code(obj.status)),
            (_("Error"), self.fault(obj) or NOTHING),
            (_("Time"), self.time(obj)),
            (_("Received"), moment(obj.received_at, zone, seconds=True)),
            (_("Frame"), shown if frame is not None else NOTHING),
        ]
        return {
            "title": f"{self.place(obj)} · {obj.charge_point}",
            "state_badge": self.said(obj),
            "cards": [{"title": _("State change"), "facts": facts}],
        }


@admin.register(OfflineSpan)
class OfflineSpanAdmin(PlacedHistoryAdmin):
    """When nobody heard of charge points."""

    list_display = ("began", "charge_point", "until", "took")
    list_filter = (GoesOnFilter, CommandSiteFilter)
    search_fields = ("charge_point__cp_id",)
    empty_text = _("No charge point has lost its connection yet.")

    @display(description=_("from"), ordering="began_at")
    def began(self, row: OfflineSpan) -> Any:
        """When it was heard last, at its place."""
        return moment(row.began_at, zone_of(row.charge_point), seconds=True)

    @display(description=_("until"), ordering=F("ended_at").desc(nulls_first=True))
    def until(self, row: OfflineSpan) -> Any:
        """When it came back; it may not have."""
        if row.ended_at is None:
            return badge(_("Offline"), "mute", row.began_at, timezone.now())
        return moment(row.ended_at, zone_of(row.charge_point), seconds=True)

    @display(description=_("took"))
    def took(self, row: OfflineSpan) -> str:
        """How long."""
        return span((row.ended_at or timezone.now()) - row.began_at)

    def story(self, request: HttpRequest, obj: OfflineSpan) -> dict[str, Any]:
        """From when until when."""
        facts = [
            (_("Charge point"), link(object_url(obj.charge_point), obj.charge_point)),
            (_("From"), self.began(obj)),
            (_("Until"), self.until(obj)),
            (_("Took"), self.took(obj)),
        ]
        return {
            "title": f"{_('Offline')} · {obj.charge_point}",
            "cards": [{"title": _("Time without connection"), "facts": facts}],
        }


related(_("State changes"), "central_statuschange")
related(_("Times without connection"), "central_offlinespan", Right.SEE)
