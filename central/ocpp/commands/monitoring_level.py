"""Monitoring level: up to which severity events are sent, SetMonitoringLevel (2.x N05)."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.ocpp.intents import answer_of, command, order
from central.ocpp.severities import SEVERITIES
from central.services.configuration_orders import MONITORING
from central.services.device_places import Place
from central.services.variables import Told, variables_set
from registry.rights import Right

ORDER = "monitoring_level"


class LevelParams(forms.Form):
    """The least grave that is sent."""

    severity = forms.TypedChoiceField(
        label=_("Send events up to"),
        choices=SEVERITIES,
        coerce=int,
        initial=9,
        help_text=_("Those with higher numbers are left out; with debug everything is sent."),
    )


order(
    ORDER,
    _("Monitoring level"),
    explain=_(
        "The charge point sends events of this severity and graver ones, and keeps the rest to itself."
    ),
    form=LevelParams,
    group="monitoring",
    icon="priority_high",
    right=Right.SERVICE,
)


@command(ORDER, versions=("2.0.1", "2.1"))
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request."""
    return "SetMonitoringLevel", {"severity": command.params["severity"]}


@answer_of("SetMonitoringLevel", versions=("2.0.1", "2.1"))
def apply(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """Keep the level as the variable that shows it (N05.FR.03)."""
    if answer["status"] != "Accepted":
        return False
    told = Told(place=Place("ActiveMonitoringLevel", MONITORING), value=str(request["severity"]))
    return variables_set(charge_point=command.charge_point, told=[told], now=now)
