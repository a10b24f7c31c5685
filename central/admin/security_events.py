"""Security events: what charge points reported about their safety, and who has looked."""

from datetime import datetime
from typing import Any, Final

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.paginator import InfinitePaginator
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldBooleanSwitchWidget

from central.admin.cards import card, list_of
from central.admin.device_words import SECURITY_EVENTS, security_words
from central.admin.filters import CommandSiteFilter, PeriodFilter
from central.models import SecurityEvent
from central.models.security_event import Severity
from central.selectors.overview import zone_of
from central.services.security_events import security_event_acknowledge
from emobility.lib.display import badge, code, keep, link, moment
from registry.admin.actions import ObjectAction, Outcome, object_url
from registry.admin.exporting import ExportingAdmin
from registry.admin.filters import ChoiceFilter
from registry.admin.story import HistoryStoryAdmin
from registry.rights import Right

TONES: Final = {Severity.CRITICAL: "bad", Severity.ORDINARY: "warn", Severity.NOTICE: "info"}
ROWS = 5


class SeenForm(forms.Form):
    """What was found, and whether that covers the same kind of event."""

    note = forms.CharField(
        label=_("Note"),
        max_length=500,
        widget=UnfoldAdminTextareaWidget,
        help_text=_("What you found or did. It stays with the event."),
    )
    alike = forms.BooleanField(
        label=_("Also the other open ones of this kind here"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
    )


def _seen(request: HttpRequest, obj: SecurityEvent, values: dict[str, Any]) -> Outcome:
    user: Any = request.user
    count = security_event_acknowledge(event=obj, user=user, now=timezone.now(), **values)
    return _t("Noted for {count} event(s).").format(count=count)


class SeverityFilter(ChoiceFilter):
    """By severity."""

    title, parameter_name = _("severity"), "severity"
    options = Severity.choices


class OpenFilter(ChoiceFilter):
    """What waits for a person."""

    title, parameter_name, field = _("open"), "open", "is_open"
    options = (("1", _("open")), ("0", _("seen or routine")))


class EventKindFilter(ChoiceFilter):
    """By the specification's name of the event."""

    title, parameter_name = _("event"), "kind"
    options = tuple((kind, kind) for kind in sorted(SECURITY_EVENTS))


class EventTimeFilter(PeriodFilter):
    """By the time that the charge point told."""

    column = "at"


@admin.register(SecurityEvent)
class SecurityEventAdmin(ExportingAdmin, HistoryStoryAdmin):
    """Security events, newest first."""

    export_name = "security-events"
    object_actions = (
        ObjectAction(
            slug="acknowledge",
            label=_("Mark as seen"),
            explain=_("Says that somebody has looked at this event. The charge point is not told."),
            right=Right.SERVICE,
            run=_seen,
            form=lambda data, request, obj: SeenForm(data),
            hindrance=lambda obj: _t("It was seen already.") if obj.acknowledged_at else "",
            icon="done",
        ),
    )
    change_list_template = "admin/live_list.html"
    list_live_topics = "charge_points"
    organization_column = False
    paginator = InfinitePaginator
    list_display = ("time", "charge_point", "event", "severity_now", "details", "seen")
    list_filter = (OpenFilter, SeverityFilter, EventKindFilter, EventTimeFilter, CommandSiteFilter)
    list_select_related = ("charge_point__site", "charge_point__organization", "acknowledged_by")
    search_fields = ("charge_point__cp_id", "kind", "tech_info", "note")
    ordering = ("-id",)
    empty_text = _("No charge point has reported a security event.")
    empty_link = reverse_lazy("admin:registry_chargepoint_changelist")

    @display(description=_("time"), ordering="id")
    def time(self, row: SecurityEvent) -> Any:
        """When it happened, at its place."""
        return moment(row.at, zone_of(row.charge_point), seconds=True)

    @display(description=_("event"), ordering="kind")
    def event(self, row: SecurityEvent) -> Any:
        """Plain words, the protocol's beside them."""
        return security_words(row.kind)

    @display(description=_("severity"), ordering="severity")
    def severity_now(self, row: SecurityEvent) -> Any:
        """How grave, and for how long it has been open."""
        return event_badge(row, timezone.now())

    @display(description=_("details"))
    def details(self, row: SecurityEvent) -> Any:
        """What the charge point added."""
        return keep(row.tech_info)

    @display(description=_("seen by"))
    def seen(self, row: SecurityEvent) -> Any:
        """Who has looked."""
        return row.acknowledged_by or ""

    def story(self, request: HttpRequest, obj: SecurityEvent) -> dict[str, Any]:
        """What, how grave, who looked."""
        zone = zone_of(obj.charge_point)
        facts = [
            (_("Charge point"), link(object_url(obj.charge_point), obj.charge_point)),
            (_("Event"), security_words(obj.kind)),
            (_("Severity"), obj.get_severity_display()),
            (_("Time"), moment(obj.at, zone, seconds=True)),
            (_("Received"), moment(obj.received_at, zone, seconds=True)),
            (_("Details"), code(obj.tech_info) if obj.tech_info else ""),
        ]
        seen = [
            (_("Seen by"), obj.acknowledged_by),
            (_("Seen"), moment(obj.acknowledged_at, zone, seconds=True)),
            (_("Note"), obj.note),
        ]
        return {
            "topics": f"charge_point:{obj.charge_point_id}",
            "title": f"{obj.kind} · {obj.charge_point}",
            "state_badge": event_badge(obj, timezone.now()),
            "cards": [
                {"title": _("Event"), "width": "em-w6", "facts": facts},
                {"title": _("Seen"), "width": "em-w6", "facts": seen},
            ],
        }


def event_badge(event: SecurityEvent, now: datetime) -> Any:
    """Severity and age, in colour while it is open, pale afterwards."""
    severity = Severity(event.severity)
    tone = TONES[severity] if event.is_open else "mute"
    return badge(severity.label.capitalize(), tone, event.at, now)


@card(Right.INSPECT)
def security_card(obj: Any, now: datetime) -> dict[str, Any]:
    """The newest events of a charge point, open ones first."""
    events = SecurityEvent.objects.filter(charge_point=obj).order_by("-is_open", "-id")[:ROWS]
    rows = [
        [
            (_("Event"), link(object_url(event), keep(event.kind))),
            (_("Severity"), event_badge(event, now)),
        ]
        for event in events
    ]
    return {
        "key": "security",
        "title": _("Security"),
        "columns": [_("Event"), _("Severity")],
        "rows": rows,
        "more": list_of("central_securityevent", obj),
        "empty": _("It has reported no security event."),
    }
