"""DER alarms: where a charge point deviates because of the grid."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from central.admin.filters import CommandSiteFilter
from central.admin.history import PlacedHistoryAdmin
from central.models import DerAlarm
from central.selectors.overview import zone_of
from emobility.lib.display import NOTHING, badge, badges, code, link, moment
from registry.admin.actions import object_url
from registry.admin.filters import ChoiceFilter, OrganizationFilter

FAULTS = {
    "CurrentImbalance": _("Currents of the phases differ"),
    "LocalEmergency": _("Local emergency"),
    "LowInputPower": _("Too little power"),
    "OverCurrent": _("Current too high"),
    "OverFrequency": _("Frequency too high"),
    "OverVoltage": _("Voltage too high"),
    "PhaseRotation": _("Phases in wrong order"),
    "RemoteEmergency": _("Remote emergency"),
    "UnderFrequency": _("Frequency too low"),
    "UnderVoltage": _("Voltage too low"),
    "VoltageImbalance": _("Voltages of the phases differ"),
}


class AlarmOpenFilter(ChoiceFilter):
    """Alarms that are on."""

    title, parameter_name = _("state"), "open"
    options = (("1", _("on now")),)

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Those without an end."""
        return queryset.filter(ended_at=None) if self.value() else queryset


@admin.register(DerAlarm)
class DerAlarmAdmin(PlacedHistoryAdmin):
    """Alarms, newest first."""

    list_display = ("name", "charge_point", "event", "state_now", "began", "over")
    list_filter = (AlarmOpenFilter, CommandSiteFilter, OrganizationFilter)
    search_fields = ("charge_point__cp_id", "control_type", "fault")
    empty_text = _("No alarm came. Charge points of OCPP 2.1 with grid functions report them by themselves.")

    @display(description=_("control"), ordering="control_type")
    def name(self, row: DerAlarm) -> Any:
        """Which control makes the charge point deviate."""
        return row.control_type

    @display(description=_("grid event"), ordering="fault")
    def event(self, row: DerAlarm) -> Any:
        """In plain words, with OCPP's beside them."""
        return fault_words(row.fault)

    @display(description=_("state"))
    def state_now(self, row: DerAlarm) -> Any:
        """On or over, with its age."""
        return alarm_badge(row)

    @display(description=_("started"), ordering="started_at")
    def began(self, row: DerAlarm) -> Any:
        """When, at its place."""
        return moment(row.started_at, zone_of(row.charge_point), seconds=True)

    @display(description=_("ended"), ordering="ended_at")
    def over(self, row: DerAlarm) -> Any:
        """When, at its place."""
        return moment(row.ended_at, zone_of(row.charge_point), seconds=True)

    def story(self, request: HttpRequest, obj: DerAlarm) -> dict[str, Any]:
        """The alarm and what it means."""
        facts = [
            (_("Charge point"), link(object_url(obj.charge_point), obj.charge_point)),
            (_("Grid event"), fault_words(obj.fault)),
            (_("Control"), code(obj.control_type)),
            (_("Started"), self.began(obj)),
            (_("Ended"), self.over(obj)),
            (_("Ended by"), _("another control that took over") if obj.taken_over else NOTHING),
            (_("Said by the car"), obj.info or NOTHING),
            (_("Received"), moment(obj.received_at, zone_of(obj.charge_point), seconds=True)),
        ]
        text = _("While it is on, the charge point charges or discharges otherwise than its profile says.")
        return {
            "state_badge": alarm_badge(obj),
            "summary": text,
            "cards": [{"title": _("Alarm"), "facts": facts}],
        }


def alarm_badge(row: DerAlarm) -> Any:
    """Whether an alarm is on."""
    if row.ended_at is None:
        return badge(_("On"), "warn", row.started_at, timezone.now())
    return badge(_("Over"), "mute", row.ended_at, timezone.now())


def fault_words(fault: str) -> Any:
    """A grid event in words."""
    return badges([badge(FAULTS.get(fault, fault), "warn"), code(fault)]) if fault else NOTHING
