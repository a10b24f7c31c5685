"""Report: GetBaseReport (2.x B07) or, with criteria or names, GetReport (B08); parts come in NotifyReport."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.models.device_report import ReportKind
from central.ocpp.intents import answer_of, command, order
from central.ocpp.report_orders import SelectionParams, announced, creates, criteria_field, selection
from registry.rights import Right

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


class ReportParams(SelectionParams):
    """A base report, or a selection."""

    base = forms.ChoiceField(
        label=_("Report"),
        choices=[("", _("a selection")), *BASES],
        required=False,
        help_text=_("Leave it at a selection to use the fields below."),
    )
    criteria = criteria_field(CRITERIA)
    field_order = ("base", "criteria", "variables")

    def clean(self) -> dict[str, Any]:
        """Raise ValidationError where both, or nothing, is asked for."""
        asked = super().clean()
        selects = bool(asked.get("criteria") or asked.get("variables"))
        if selects == bool(asked.get("base")) and not self.errors:
            raise forms.ValidationError({"base": _("Choose a report, or a selection, not both.")})
        return asked


order(
    ORDER,
    _("Get report"),
    explain=_("Asks the charge point for a report of its components and variables. It comes in parts."),
    form=ReportParams,
    group="configuration",
    icon="summarize",
    create=creates(ORDER),
    again=True,
    right=Right.SERVICE,
)


@command(ORDER, versions=("2.0.1", "2.1"))
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request; its requestId is the command's number."""
    base = command.params.get("base")
    if base:
        return "GetBaseReport", {"requestId": command.pk, "reportBase": base}
    return "GetReport", selection(command, "componentCriteria")


@answer_of("GetBaseReport", versions=("2.0.1", "2.1"))
def apply_base(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """A report is on its way, or why not."""
    base = request["reportBase"]
    return announced(command, request, answer, now, kind=ReportKind.VARIABLES, base=base)


@answer_of("GetReport", versions=("2.0.1", "2.1"))
def apply(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """A report is on its way, or why not."""
    return announced(command, request, answer, now, kind=ReportKind.VARIABLES, base="selection")
