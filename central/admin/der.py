"""Distributed energy resources: the controls of each charge point, its reports."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from central.admin.filters import CommandSiteFilter
from central.admin.history import PlacedHistoryAdmin
from central.admin.words import command_badge
from central.models import DerControl, DerReport
from central.models.der import DerControlState, DerReportState
from central.ocpp.ordering import order_place
from central.selectors.overview import zone_of
from central.services.der import THERE
from emobility.lib.display import NOTHING, badge, code, link, moment, pretty
from registry.admin.actions import ObjectAction, Outcome, object_url
from registry.admin.filters import ChoiceFilter, OrganizationFilter
from registry.rights import Right

TONES = {
    DerControlState.REQUESTED: "info",
    DerControlState.INSTALLED: "good",
    DerControlState.ACTIVE: "busy",
    DerControlState.REFUSED: "bad",
    DerControlState.UNDELIVERED: "warn",
}
REPORT_TONES = {
    DerReportState.COMPLETE: "good",
    DerReportState.COLLECTING: "busy",
    DerReportState.REQUESTED: "info",
    DerReportState.INCOMPLETE: "warn",
    DerReportState.UNDELIVERED: "warn",
    DerReportState.REFUSED: "bad",
}


def _clear(request: HttpRequest, obj: DerControl, values: dict[str, Any]) -> Outcome:
    user: Any = request.user
    order_place(
        charge_point=obj.charge_point,
        order="der_clear",
        params={"which": "default" if obj.is_default else "scheduled", "control_id": obj.control_id},
        requested_by=user,
        source="admin",
        now=timezone.now(),
    )
    return _t("The removal is ordered. The control is gone when the charge point answers.")


def _not_there(obj: DerControl) -> str:
    return "" if obj.state in THERE else _t("The charge point does not have this control.")


class DerControlStateFilter(ChoiceFilter):
    """By state; `there`: what the charge point has."""

    title, parameter_name = _("state"), "state"
    options = (("there", _("at the charge point")), *DerControlState.choices)

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Rows in that state."""
        if self.value() == "there":
            return queryset.filter(state__in=THERE)
        return super().queryset(request, queryset)


class DerReportStateFilter(ChoiceFilter):
    """By state."""

    title, parameter_name = _("state"), "state"
    options = tuple(DerReportState.choices)


@admin.register(DerControl)
class DerControlAdmin(PlacedHistoryAdmin):
    """Controls, newest first."""

    object_actions = (
        ObjectAction(
            slug="clear",
            label=_("Clear control"),
            explain=_("Removes it from the charge point, which then follows its other controls."),
            right=Right.OPERATE,
            run=_clear,
            hindrance=_not_there,
            ask=True,
            danger=True,
            icon="delete",
        ),
    )
    list_display = ("name", "charge_point", "role", "priority", "state_now", "starts", "reported")
    list_filter = (DerControlStateFilter, CommandSiteFilter, OrganizationFilter)
    search_fields = ("charge_point__cp_id", "control_id", "control_type")
    empty_text = _("No controls yet. Open a charge point and choose Set DER control.")
    empty_link = reverse_lazy("admin:registry_chargepoint_changelist")

    @display(description=_("control"), ordering="control_type")
    def name(self, row: DerControl) -> Any:
        """What it controls."""
        return str(row)

    @display(description=_("kind"), ordering="is_default")
    def role(self, row: DerControl) -> Any:
        """Default or scheduled."""
        return _("default") if row.is_default else _("scheduled")

    @display(description=_("state"), ordering="state")
    def state_now(self, row: DerControl) -> Any:
        """The state and its age."""
        return control_badge(row)

    @display(description=_("starts"), ordering="starts_at")
    def starts(self, row: DerControl) -> Any:
        """When a scheduled one begins, at its place."""
        return moment(row.starts_at, zone_of(row.charge_point))

    @display(description=_("last reported"), ordering="reported_at")
    def reported(self, row: DerControl) -> Any:
        """When the charge point last named it."""
        return moment(row.reported_at, zone_of(row.charge_point))

    def story(self, request: HttpRequest, obj: DerControl) -> dict[str, Any]:
        """What it is, whether it holds, what happened."""
        zone = zone_of(obj.charge_point)
        facts = [
            (_("Charge point"), link(object_url(obj.charge_point), obj.charge_point)),
            (_("Control"), code(obj.control_type) if obj.control_type else NOTHING),
            (_("Kind"), self.role(obj)),
            (_("Priority"), str(obj.priority)),
            (_("Starts"), moment(obj.starts_at, zone)),
            (_("For"), _("{seconds} s").format(seconds=obj.duration_s) if obj.duration_s else NOTHING),
            (_("Id"), code(obj.control_id)),
        ]
        course = [
            (_("State since"), moment(obj.changed_at, zone, seconds=True)),
            (_("Charge point's word"), obj.word or NOTHING),
            (_("In force from"), moment(obj.started_at, zone, seconds=True)),
            (_("In force until"), moment(obj.stopped_at, zone, seconds=True)),
            (_("Last reported"), self.reported(obj)),
            *command_fact(obj),
        ]
        return {
            "title": f"{obj} · {obj.charge_point}",
            "state_badge": control_badge(obj),
            "cards": [
                {"title": _("Control"), "width": "em-w6", "facts": facts},
                {"title": _("What happened"), "width": "em-w6", "facts": course},
                {"title": _("Settings"), "body": pretty(obj.settings)},
            ],
        }


@admin.register(DerReport)
class DerReportAdmin(PlacedHistoryAdmin):
    """Reports of controls, newest first."""

    list_display = ("number", "charge_point", "state_now", "asked", "controls")
    list_filter = (DerReportStateFilter, CommandSiteFilter, OrganizationFilter)
    search_fields = ("charge_point__cp_id", "=request_id")
    empty_text = _("No report was asked for. Open a charge point of OCPP 2.1 and choose Read DER controls.")
    empty_link = reverse_lazy("admin:registry_chargepoint_changelist")

    @display(description=_("report"), ordering="request_id")
    def number(self, row: DerReport) -> Any:
        """Its request id."""
        return row.request_id

    @display(description=_("state"), ordering="state")
    def state_now(self, row: DerReport) -> Any:
        """The state and its age."""
        state = DerReportState(row.state)
        return badge(
            state.label.capitalize(), REPORT_TONES.get(state, "mute"), row.changed_at, timezone.now()
        )

    @display(description=_("asked"), ordering="asked_at")
    def asked(self, row: DerReport) -> Any:
        """When, at its place."""
        return moment(row.asked_at, zone_of(row.charge_point), seconds=True)

    @display(description=_("controls"))
    def controls(self, row: DerReport) -> Any:
        """How many it named."""
        return len(row.found)

    def story(self, request: HttpRequest, obj: DerReport) -> dict[str, Any]:
        """What was asked and what came."""
        facts = [
            (_("Charge point"), link(object_url(obj.charge_point), obj.charge_point)),
            (_("Asked"), self.asked(obj)),
            (_("For"), ", ".join(f"{name} {value}" for name, value in obj.scope.items()) or _("everything")),
            (_("Messages"), len(obj.parts)),
            *command_fact(obj),
        ]
        if obj.command is None:
            facts.append((_("Note"), _("Nobody here asked for it.")))
        known = DerControl.objects.filter(charge_point=obj.charge_point_id, control_id__in=obj.found)
        rows = [
            [(_("Control"), link(object_url(each), each)), (_("State"), control_badge(each))]
            for each in known
        ]
        return {
            "title": _("Report {number}").format(number=obj.request_id),
            "state_badge": self.state_now(obj),
            "cards": [
                {"title": _("Report"), "width": "em-w6", "facts": facts},
                {
                    "title": _("Controls"),
                    "width": "em-w6",
                    "columns": [_("Control"), _("State")],
                    "rows": rows,
                    "empty": _("No control was named."),
                },
            ],
        }


def control_badge(row: DerControl) -> Any:
    """The state of a control with its age."""
    state = DerControlState(row.state)
    return badge(state.label.capitalize(), TONES.get(state, "mute"), row.changed_at, timezone.now())


def command_fact(obj: Any) -> list[tuple[Any, Any]]:
    """The command behind a row, as a fact of its story."""
    if obj.command is None:
        return []
    return [(_("Command"), link(object_url(obj.command), command_badge(obj.command, timezone.now())))]
