"""What the orders for reports share (2.x B08, N02): criteria, names, the request, the announcement."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.models.device_report import ReportKind
from central.ocpp.device_model import place_write
from central.ocpp.intents import Create
from central.ocpp.order_lists import cut_to, names_field
from central.services.configuration_orders import DEVICE_DATA, LIST, commands_create
from central.services.device_places import component_of
from central.services.device_reports import report_announced
from central.services.variables import limit_of
from registry.models import ChargePoint

LIMIT = "GetReport"


class SelectionParams(forms.Form):
    """A selection by criteria and by names; what is empty is left out."""

    criteria = forms.MultipleChoiceField(label=_("Only"), required=False)
    variables = names_field(
        label=_("Names"),
        required=False,
        help_text=_("One a line: a component, like Connector or 1:EVSE, or Component.Variable."),
    )

    def clean(self) -> dict[str, Any]:
        """Without what is empty."""
        return {name: value for name, value in (super().clean() or {}).items() if value}


def criteria_field(choices: Sequence[tuple[str, Any]]) -> forms.MultipleChoiceField:
    """The criteria of one kind of report."""
    return forms.MultipleChoiceField(label=_("Only"), choices=choices, required=False)


def creates(order: str) -> Create:
    """Queueing of a report, as several messages where the charge point takes fewer names at once."""

    def create(*, charge_point: ChargePoint, params: dict[str, Any], **common: Any) -> Command:
        limit = limit_of(charge_point.pk, DEVICE_DATA, LIMIT)
        return commands_create(charge_point=charge_point, order=order, params=params, limit=limit, **common)

    return create


def selection(command: Command, criteria: str) -> dict[str, Any]:
    """The request for a selection, `criteria` by its name in OCPP; the requestId is the command's number."""
    request: dict[str, Any] = {"requestId": command.pk}
    if command.params.get("criteria"):
        request[criteria] = command.params["criteria"]
    items = command.params.get(LIST) or []
    cut_to(limit_of(command.charge_point_id, DEVICE_DATA, LIMIT), items)
    if items:
        request["componentVariable"] = [place_write(component_of(item)) for item in items]
    return request


def announced(
    command: Command,
    request: dict[str, Any],
    answer: dict[str, Any],
    now: datetime,
    *,
    kind: ReportKind,
    base: str,
) -> bool:
    """A report is on its way, or why not; an empty result is an answer too (B08.FR.15, N02.FR.10)."""
    return report_announced(
        command=command,
        kind=kind,
        number=int(request["requestId"]),
        base=base,
        criteria={name: value for name, value in request.items() if name not in {"requestId", "reportBase"}},
        word=answer["status"],
        now=now,
    )
