"""Report of monitors: GetMonitoringReport (2.x N02); parts come in NotifyMonitoringReport."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.models.device_report import ReportKind
from central.ocpp.intents import answer_of, command, order
from central.ocpp.report_orders import SelectionParams, announced, creates, criteria_field, selection
from registry.rights import Right

ORDER = "monitoring_report"
CRITERIA = (
    ("ThresholdMonitoring", _("thresholds")),
    ("DeltaMonitoring", _("differences")),
    ("PeriodicMonitoring", _("periodic")),
)


class MonitoringReportParams(SelectionParams):
    """Which monitors; all where nothing is chosen."""

    criteria = criteria_field(CRITERIA)
    field_order = ("criteria", "variables")


order(
    ORDER,
    _("Read monitors"),
    explain=_("Asks the charge point which monitors it has. The list comes in parts."),
    form=MonitoringReportParams,
    group="monitoring",
    icon="visibility",
    create=creates(ORDER),
    again=True,
    right=Right.SERVICE,
)


@command(ORDER, versions=("2.0.1", "2.1"))
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request; its requestId is the command's number."""
    return "GetMonitoringReport", selection(command, "monitoringCriteria")


@answer_of("GetMonitoringReport", versions=("2.0.1", "2.1"))
def apply(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """A report is on its way, or why not."""
    return announced(command, request, answer, now, kind=ReportKind.MONITORS, base="monitors")
