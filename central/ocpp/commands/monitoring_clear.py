"""Clear monitors: ClearVariableMonitoring (2.x N06)."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.ocpp.intents import answer_of, command, order
from central.ocpp.order_lists import cut_to, numbers_field
from central.services.configuration_orders import MONITORING, commands_create
from central.services.monitors import monitors_cleared
from central.services.variables import limit_of
from registry.models import ChargePoint
from registry.rights import Right

ORDER = "monitoring_clear"


class ClearParams(forms.Form):
    """Which monitors."""

    monitors = numbers_field(label=_("Monitors"), help_text=_("Their numbers, one a line."))


def create(*, charge_point: ChargePoint, params: dict[str, Any], **common: Any) -> Command:
    """Queue it, as several where the charge point takes fewer numbers at once (N06.FR.04)."""
    limit = limit_of(charge_point.pk, MONITORING, "ClearVariableMonitoring")
    return commands_create(
        charge_point=charge_point, order=ORDER, params=params, name="monitors", limit=limit, **common
    )


order(
    ORDER,
    _("Clear monitors"),
    explain=_("The charge point stops watching. Monitors that its maker built in stay."),
    form=ClearParams,
    group="monitoring",
    icon="notifications_off",
    create=create,
    again=True,
    right=Right.SERVICE,
)


@command(ORDER, versions=("2.0.1", "2.1"))
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request. Raises ValueError for more than it takes at once."""
    numbers = command.params["monitors"]
    cut_to(limit_of(command.charge_point_id, MONITORING, "ClearVariableMonitoring"), numbers)
    return "ClearVariableMonitoring", {"id": numbers}


@answer_of("ClearVariableMonitoring", versions=("2.0.1", "2.1"))
def apply(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """What was cleared or never there is gone; True where nothing was refused (N06.FR.02, 03)."""
    results = answer["clearMonitoringResult"]
    gone = [int(each["id"]) for each in results if each["status"] != "Rejected"]
    monitors_cleared(charge_point_id=command.charge_point_id, numbers=gone, now=now)
    return len(gone) == len(results)
