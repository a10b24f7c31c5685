"""Device events: what monitors and hardware of charge points reported."""

from typing import Any, Final

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from central.admin.filters import CommandSiteFilter, PeriodFilter
from central.admin.history import PlacedHistoryAdmin
from central.admin.place_words import breakable
from central.models import DeviceEvent, Session, VariableMonitor
from central.selectors.overview import zone_of
from emobility.lib.display import NOTHING, badge, code, keep, link, moment
from registry.admin.actions import object_url
from registry.admin.filters import ChoiceFilter

SEVERITIES: Final = {
    0: (_("Danger"), "bad"),
    1: (_("Hardware failure"), "bad"),
    2: (_("System failure"), "bad"),
    3: (_("Critical"), "bad"),
    4: (_("Error"), "warn"),
    5: (_("Alert"), "warn"),
    6: (_("Warning"), "warn"),
    7: (_("Notice"), "info"),
    8: (_("Informational"), "mute"),
    9: (_("Debug"), "mute"),
}
"""The words of OCPP 2.x (SetMonitoringLevel, N05)."""


class SeverityFilter(ChoiceFilter):
    """By severity, or all that are grave."""

    title, parameter_name = _("severity"), "severity"
    options = (
        ("grave", _("danger to critical")),
        *((str(n), word) for n, (word, _tone) in SEVERITIES.items()),
    )

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Rows of that severity."""
        if self.value() == "grave":
            return queryset.filter(severity__lte=3)
        return queryset.filter(severity=self.value()) if str(self.value() or "").isdigit() else queryset


class EventTimeFilter(PeriodFilter):
    """By the time of receipt."""

    column = "received_at"


@admin.register(DeviceEvent)
class DeviceEventAdmin(PlacedHistoryAdmin):
    """Events, newest first."""

    list_display = ("time", "charge_point", "what", "shown_value", "severity_now", "over", "trigger", "more")
    list_filter = (SeverityFilter, EventTimeFilter, CommandSiteFilter)
    search_fields = ("charge_point__cp_id", "component", "variable", "tech_code", "tech_info", "=event_id")
    empty_text = _("No events came. Charge points of OCPP 2 report what their monitors watch.")
    empty_link = reverse_lazy("admin:registry_chargepoint_changelist")

    @display(description=_("about"))
    def what(self, row: DeviceEvent) -> Any:
        """The variable."""
        return breakable(row.words)

    @display(description=_("value"))
    def shown_value(self, row: DeviceEvent) -> Any:
        """What it was then."""
        return keep(row.actual_value) or NOTHING

    @display(description=_("severity"), ordering="severity")
    def severity_now(self, row: DeviceEvent) -> Any:
        """In plain words."""
        return severity_badge(row.severity)

    @display(description=_("cleared"))
    def over(self, row: DeviceEvent) -> Any:
        """Whether it says that the trouble is over."""
        return badge(_("Over"), "good") if row.cleared else ""

    @display(description=_("details"))
    def more(self, row: DeviceEvent) -> Any:
        """What the maker says of it."""
        return keep(" ".join(part for part in (row.tech_code, row.tech_info) if part))

    def story(self, request: HttpRequest, obj: DeviceEvent) -> dict[str, Any]:
        """The event, its cause, its monitor."""
        zone = zone_of(obj.charge_point)
        facts = [
            (_("Charge point"), link(object_url(obj.charge_point), obj.charge_point)),
            (_("About"), obj.words),
            (_("Value"), obj.actual_value),
            (_("Severity"), severity_badge(obj.severity)),
            (_("Time"), moment(obj.at, zone, seconds=True)),
            (_("Received"), moment(obj.received_at, zone, seconds=True)),
        ]
        background = [
            (_("Event"), code(obj.event_id)),
            (_("Trigger"), code(obj.trigger)),
            (_("Origin"), code(obj.event_notification_type)),
            (_("Monitor"), _monitor(obj)),
            (_("Caused by"), _cause(obj)),
            (_("Session"), _session(obj)),
            (_("Technical code"), code(obj.tech_code) if obj.tech_code else NOTHING),
            (_("Technical information"), obj.tech_info),
        ]
        return {
            "title": f"{obj.words} · {obj.charge_point}",
            "state_badge": self.over(obj),
            "cards": [
                {"title": _("Event"), "width": "em-w6", "facts": facts},
                {"title": _("Background"), "width": "em-w6", "facts": background},
            ],
        }


def severity_badge(severity: int | None) -> Any:
    """A severity in plain words with its number."""
    if severity is None:
        return NOTHING
    word, tone = SEVERITIES.get(severity, (_("Severity"), "mute"))
    return badge(f"{word} ({severity})", tone)


def _monitor(obj: DeviceEvent) -> Any:
    if obj.monitor_number is None:
        return NOTHING
    known = VariableMonitor.objects.filter(charge_point_id=obj.charge_point_id, number=obj.monitor_number)
    row = known.first()
    return link(object_url(row), row.number) if row else str(obj.monitor_number)


def _cause(obj: DeviceEvent) -> Any:
    if obj.cause is None:
        return NOTHING
    before = DeviceEvent.objects.filter(
        charge_point_id=obj.charge_point_id, event_id=obj.cause, pk__lte=obj.pk
    )
    row = before.first()
    return link(object_url(row), row) if row else str(obj.cause)


def _session(obj: DeviceEvent) -> Any:
    if not obj.transaction_id:
        return NOTHING
    session = Session.objects.filter(
        charge_point_id=obj.charge_point_id, transaction_id=obj.transaction_id
    ).first()
    return link(object_url(session), session.transaction_id) if session else obj.transaction_id
