"""Report of monitors: GetMonitoringReport (2.x N02); parts come in NotifyMonitoringReport."""

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

ORDER = "monitoring_report"
CRITERIA = (
    ("ThresholdMonitoring", _("thresholds")),
    ("DeltaMonitoring", _("differences")),
    ("PeriodicMonitoring", _("periodic")),
)


class MonitoringReportParams(forms.Form):
    """Which monitors; all where nothing is chosen."""

    criteria = forms.MultipleChoiceField(label=_("Only"), choices=CRITERIA, required=False)
    variables = names_field(
        label=_("Names"),
        required=False,
        help_text=_("One a line: a component, like 1:EVSE, or Component.Variable. Nothing: all of them."),
    )

    def clean(self) -> dict[str, Any]:
        """Without what is empty."""
        return {name: value for name, value in (super().clean() or {}).items() if value}


def create(*, charge_point: ChargePoint, params: dict[str, Any], **common: Any) -> Command:
    """Queue it, as several where the charge point takes fewer names at once (N02.FR.07)."""
    limit = limit_of(charge_point.pk, DEVICE_DATA, "GetReport")
    return commands_create(charge_point=charge_point, order=ORDER, params=params, limit=limit, **common)


order(
    ORDER,
    _("Read monitors"),
    explain=_("Asks the charge point which monitors it has. The list comes in parts."),
    form=MonitoringReportParams,
    group="monitoring",
    icon="visibility",
    create=create,
    again=True,
)


@command(ORDER, versions=("2.0.1", "2.1"))
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request; its requestId is the command's number."""
    request: dict[str, Any] = {"requestId": command.pk}
    if command.params.get("criteria"):
        request["monitoringCriteria"] = command.params["criteria"]
    items = command.params.get(LIST) or []
    cut_to(limit_of(command.charge_point_id, DEVICE_DATA, "GetReport"), items)
    if items:
        request["componentVariable"] = [place_write(component_of(item)) for item in items]
    return "GetMonitoringReport", request


@answer_of("GetMonitoringReport", versions=("2.0.1", "2.1"))
def apply(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """A report is on its way, or why not; an empty result is an answer too (N02.FR.10)."""
    return report_announced(
        command=command,
        kind=ReportKind.MONITORS,
        number=int(request["requestId"]),
        base="monitors",
        criteria={name: value for name, value in request.items() if name != "requestId"},
        word=answer["status"],
        now=now,
    )
