"""Monitors, event streams, reports and network profiles of charge points: lists and stories."""

from typing import Any, Final

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from central.admin.filters import CommandSiteFilter
from central.admin.history import PlacedHistoryAdmin
from central.admin.place_words import breakable
from central.admin.words import command_badge
from central.models import DeviceReport, EventStream, NetworkProfile, VariableMonitor
from central.models.device_report import ReportKind, ReportState
from central.selectors.overview import zone_of
from emobility.lib.display import NOTHING, age, badge, code, link, moment, pretty
from registry.admin.actions import object_url
from registry.admin.filters import ChoiceFilter

REPORT_TONES: Final = {
    ReportState.ANNOUNCED: "info",
    ReportState.COLLECTING: "busy",
    ReportState.COMPLETE: "good",
    ReportState.INCOMPLETE: "warn",
    ReportState.EMPTY: "mute",
    ReportState.REFUSED: "bad",
}
ROWS: Final = 50
MOST_NAMED: Final = 20
NEXT: Final = reverse_lazy("admin:registry_chargepoint_changelist")


class GoneFilter(ChoiceFilter):
    """Whether it is still there."""

    title, parameter_name, field = _("state"), "gone", "gone_at__isnull"
    options = (("1", _("there")), ("0", _("gone")))


class ReportStateFilter(ChoiceFilter):
    """By how far it came."""

    title, parameter_name = _("state"), "state"
    options = ReportState.choices


class ReportKindFilter(ChoiceFilter):
    """By what it is about."""

    title, parameter_name = _("about"), "kind"
    options = ReportKind.choices


@admin.register(VariableMonitor)
class VariableMonitorAdmin(PlacedHistoryAdmin):
    """What charge points watch by themselves."""

    list_display = ("number", "charge_point", "watched", "kind", "limit", "severity", "state_now")
    list_filter = (GoneFilter, CommandSiteFilter)
    search_fields = ("charge_point__cp_id", "component", "variable", "=number")
    empty_text = _("No monitors are known. Open a charge point and order Read monitors.")
    empty_link = NEXT

    @display(description=_("variable"), ordering="key")
    def watched(self, row: VariableMonitor) -> Any:
        """What it watches."""
        return breakable(row.words)

    @display(description=_("type"), ordering="monitor_type")
    def kind(self, row: VariableMonitor) -> Any:
        """The protocol's word."""
        return code(row.monitor_type)

    @display(description=_("value"))
    def limit(self, row: VariableMonitor) -> str:
        """The threshold, difference or seconds."""
        return f"{row.value:g}"

    @display(description=_("state"))
    def state_now(self, row: VariableMonitor) -> Any:
        """There, or gone."""
        if row.gone_at:
            return badge(_("Gone"), "mute", row.gone_at, timezone.now())
        return badge(_("There"), "good", row.told_at, timezone.now())

    def story(self, request: HttpRequest, obj: VariableMonitor) -> dict[str, Any]:
        """What it watches, and how its values come."""
        zone = zone_of(obj.charge_point)
        facts = [
            (_("Charge point"), link(object_url(obj.charge_point), obj.charge_point)),
            (_("Variable"), obj.words),
            (_("Type"), code(obj.monitor_type)),
            (_("Value"), f"{obj.value:g}"),
            (_("Severity"), str(obj.severity)),
            (_("Only in transactions"), _("yes") if obj.transaction else _("no")),
            (_("Origin"), code(obj.event_notification_type) if obj.event_notification_type else NOTHING),
            (_("Stream"), _pace(obj.stream_interval, obj.stream_values)),
            (_("Told"), moment(obj.told_at, zone, seconds=True)),
        ]
        return {
            "title": _("Monitor {number}").format(number=obj.number),
            "state_badge": self.state_now(obj),
            "cards": [{"title": _("Monitor"), "facts": facts}],
        }


@admin.register(EventStream)
class EventStreamAdmin(PlacedHistoryAdmin):
    """Streams of values that nobody acknowledges."""

    list_display = ("number", "charge_point", "monitor_number", "pace", "received", "latest", "state_now")
    list_filter = (CommandSiteFilter,)
    search_fields = ("charge_point__cp_id", "=number", "=monitor_number")
    empty_text = _("Charge points of OCPP 2.1 open streams for monitors that were ordered with one.")
    empty_link = NEXT

    @display(description=_("sends"))
    def pace(self, row: EventStream) -> Any:
        """How often."""
        return _pace(row.interval, row.values_each)

    @display(description=_("latest values"), ordering="last_at")
    def latest(self, row: EventStream) -> Any:
        """How fresh."""
        return age(row.last_at, timezone.now())

    @display(description=_("state"))
    def state_now(self, row: EventStream) -> Any:
        """Open or closed."""
        if row.closed_at:
            return badge(_("Closed"), "mute", row.closed_at, timezone.now())
        return badge(_("Open"), "good", row.opened_at, timezone.now())

    def story(self, request: HttpRequest, obj: EventStream) -> dict[str, Any]:
        """The stream and its latest values."""
        zone = zone_of(obj.charge_point)
        facts = [
            (_("Charge point"), link(object_url(obj.charge_point), obj.charge_point)),
            (_("Monitor"), obj.monitor_number if obj.monitor_number is not None else _("not told")),
            (_("Sends"), self.pace(obj)),
            (_("Opened"), moment(obj.opened_at, zone, seconds=True)),
            (_("Values received"), str(obj.received)),
            (_("Held back"), str(obj.pending)),
        ]
        rows = [
            [(_("Time"), moment(each.at, zone, seconds=True)), (_("Value"), each.value)]
            for each in obj.values.order_by("-at")[:ROWS]
        ]
        values = {"title": _("Latest values"), "columns": [_("Time"), _("Value")], "rows": rows}
        return {
            "title": _("Event stream {number}").format(number=obj.number),
            "state_badge": self.state_now(obj),
            "cards": [{"title": _("Stream"), "facts": facts}, values | {"empty": _("No value came yet.")}],
        }


@admin.register(DeviceReport)
class DeviceReportAdmin(PlacedHistoryAdmin):
    """Reports with their progress."""

    list_display = ("number", "charge_point", "kind", "base", "state_now", "progress", "items", "begun")
    list_filter = (ReportStateFilter, ReportKindFilter, CommandSiteFilter)
    list_select_related = ("charge_point__site", "charge_point__organization", "command")
    search_fields = ("charge_point__cp_id", "base", "=number")
    empty_text = _("No report came yet. Open a charge point and order Read configuration.")
    empty_link = NEXT

    @display(description=_("state"), ordering="state")
    def state_now(self, row: DeviceReport) -> Any:
        """How far it came, and since when."""
        state = ReportState(row.state)
        return badge(state.label.capitalize(), REPORT_TONES[state], row.heard_at, timezone.now())

    @display(description=_("parts"))
    def progress(self, row: DeviceReport) -> str:
        """Parts that came, of how many where that is known."""
        total = "?" if row.last_part is None else str(row.last_part + 1)
        return f"{len(row.parts)} / {total}"

    @display(description=_("begun"), ordering="opened_at")
    def begun(self, row: DeviceReport) -> Any:
        """When."""
        return moment(row.opened_at, zone_of(row.charge_point), seconds=True)

    def story(self, request: HttpRequest, obj: DeviceReport) -> dict[str, Any]:
        """What was asked for, what came, what is missing."""
        zone, command = zone_of(obj.charge_point), obj.command
        facts = [
            (_("Charge point"), link(object_url(obj.charge_point), obj.charge_point)),
            (_("About"), obj.get_kind_display()),
            (_("What was asked for"), obj.base or _("nothing: it came by itself")),
            (_("Charge point's word"), code(obj.word) if obj.word else NOTHING),
        ]
        if command:
            facts.append((_("Command"), link(object_url(command), command_badge(command, timezone.now()))))
        course = [
            (_("Begun"), self.begun(obj)),
            (_("Latest part"), moment(obj.heard_at, zone, seconds=True)),
            (_("Finished"), moment(obj.finished_at, zone, seconds=True)),
            (_("Parts"), self.progress(obj)),
            (_("Missing parts"), missing_words(obj)),
            (_("Entries"), str(obj.items)),
        ]
        return {
            "title": _("Report {number}").format(number=obj.number),
            "state_badge": self.state_now(obj),
            "cards": [
                {"title": _("Report"), "width": "em-w6", "facts": facts},
                {"title": _("Progress"), "width": "em-w6", "facts": course},
                *([{"title": _("Criteria"), "body": pretty(obj.criteria)}] if obj.criteria else []),
            ],
        }


@admin.register(NetworkProfile)
class NetworkProfileAdmin(PlacedHistoryAdmin):
    """Ways to us that charge points were given."""

    list_display = ("slot", "charge_point", "csms_url", "security_profile", "interface", "answered", "told")
    list_filter = (CommandSiteFilter,)
    search_fields = ("charge_point__cp_id", "csms_url")
    empty_text = _("No network profile was sent. Open a charge point and order Network profile.")
    empty_link = NEXT

    @display(description=_("answer"), ordering="word")
    def answered(self, row: NetworkProfile) -> Any:
        """What the charge point said."""
        return badge(row.word, "good" if row.word == "Accepted" else "bad")

    @display(description=_("told"), ordering="told_at")
    def told(self, row: NetworkProfile) -> Any:
        """When it was sent."""
        return moment(row.told_at, zone_of(row.charge_point))

    def story(self, request: HttpRequest, obj: NetworkProfile) -> dict[str, Any]:
        """The profile without its secrets."""
        facts = [
            (_("Charge point"), link(object_url(obj.charge_point), obj.charge_point)),
            (_("Address"), code(obj.csms_url)),
            (_("Security profile"), str(obj.security_profile)),
            (_("Interface"), obj.interface),
            (_("Told"), self.told(obj)),
        ]
        return {
            "title": _("Network profile {slot}").format(slot=obj.slot),
            "state_badge": self.answered(obj),
            "cards": [
                {"title": _("Network profile"), "width": "em-w6", "facts": facts},
                {"title": _("As it was sent"), "width": "em-w6", "body": pretty(obj.details)},
            ],
        }


def missing_words(row: DeviceReport) -> str:
    """The numbers of the parts that did not come."""
    gaps = row.missing
    if not gaps:
        return _t("none") if row.last_part is not None else _t("none known; its end did not come")
    named = ", ".join(str(number) for number in gaps[:MOST_NAMED])
    return named if len(gaps) <= MOST_NAMED else f"{named} … ({len(gaps)})"


def _pace(interval: int | None, values: int | None) -> Any:
    parts = [
        f"{interval} s" if interval is not None else "",
        _("{n} values").format(n=values) if values else "",
    ]
    return " / ".join(part for part in parts if part) or NOTHING
