"""Report: GetBaseReport (2.x B07) or, with criteria or names, GetReport (B08); parts come in NotifyReport."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.models.device_report import ReportKind
from central.ocpp.device_model import place_write
from central.ocpp.intents import answer_of, command, order
from central.ocpp.order_lists import cut_to, names_field
from central.services.configuration_orders import DEVICE_DATA, LIST, commands_create
from central.services.device_places import component_of
from central.services.device_reports import report_announced
from central.services.variables import limit_of
from registry.models import ChargePoint

ORDER = "report_get"
BASES = (
    ("FullInventory", _("everything")),
    ("ConfigurationInventory", _("what can be configured")),
    ("SummaryInventory", _("a summary of its condition")),
)
CRITERIA = (
    ("Active", _("active components")),
    ("Available", _("available components")),
    ("Enabled", _("enabled components")),
    ("Problem", _("components with a problem")),
)


class ReportParams(forms.Form):
    """A base report, or a selection."""

    base = forms.ChoiceField(
        label=_("Report"),
        choices=[("", _("a selection")), *BASES],
        required=False,
        help_text=_("Leave it at a selection to use the fields below."),
    )
    criteria = forms.MultipleChoiceField(label=_("Only"), choices=CRITERIA, required=False)
    variables = names_field(
        label=_("Names"),
        required=False,
        help_text=_("One a line: a component, like Connector or 1:EVSE, or Component.Variable."),
    )

    def clean(self) -> dict[str, Any]:
        """Raise ValidationError where both, or nothing, is asked for."""
        asked = super().clean() or {}
        selects = bool(asked.get("criteria") or asked.get("variables"))
        if selects == bool(asked.get("base")) and not self.errors:
            raise forms.ValidationError({"base": _("Choose a report, or a selection, not both.")})
        return {name: value for name, value in asked.items() if value}


def create(*, charge_point: ChargePoint, params: dict[str, Any], **common: Any) -> Command:
    """Queue it, as several where the charge point takes fewer names at once (B08.FR.06)."""
    limit = limit_of(charge_point.pk, DEVICE_DATA, "GetReport")
    return commands_create(charge_point=charge_point, order=ORDER, params=params, limit=limit, **common)


order(
    ORDER,
    _("Get report"),
    explain=_("Asks the charge point for a report of its components and variables. It comes in parts."),
    form=ReportParams,
    group="configuration",
    icon="summarize",
    create=create,
    again=True,
)


@command(ORDER, versions=("2.0.1", "2.1"))
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request; its requestId is the command's number."""
    params = command.params
    if params.get("base"):
        return "GetBaseReport", {"requestId": command.pk, "reportBase": params["base"]}
    request: dict[str, Any] = {"requestId": command.pk}
    if params.get("criteria"):
        request["componentCriteria"] = params["criteria"]
    items = params.get(LIST) or []
    cut_to(limit_of(command.charge_point_id, DEVICE_DATA, "GetReport"), items)
    if items:
        request["componentVariable"] = [place_write(component_of(item)) for item in items]
    return "GetReport", request


@answer_of("GetBaseReport", versions=("2.0.1", "2.1"))
def apply_base(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """A report is on its way, or why not."""
    return report_announced(
        command=command,
        kind=ReportKind.VARIABLES,
        number=int(request["requestId"]),
        base=request["reportBase"],
        word=answer["status"],
        now=now,
    )


@answer_of("GetReport", versions=("2.0.1", "2.1"))
def apply(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """A report is on its way, or why not; an empty result is an answer too (B08.FR.15)."""
    return report_announced(
        command=command,
        kind=ReportKind.VARIABLES,
        number=int(request["requestId"]),
        base="selection",
        criteria={name: value for name, value in request.items() if name != "requestId"},
        word=answer["status"],
        now=now,
    )
