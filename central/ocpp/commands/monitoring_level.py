"""Monitoring level: up to which severity events are sent, SetMonitoringLevel (2.x N05)."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.ocpp.intents import answer_of, command, order
from central.services.configuration_orders import MONITORING
from central.services.device_places import Place
from central.services.variables import Told, variables_set

ORDER = "monitoring_level"
SEVERITIES = (
    (0, _("0 danger")),
    (1, _("1 hardware failure")),
    (2, _("2 system failure")),
    (3, _("3 critical")),
    (4, _("4 error")),
    (5, _("5 alert")),
    (6, _("6 warning")),
    (7, _("7 notice")),
    (8, _("8 informational")),
    (9, _("9 debug: everything")),
)


class LevelParams(forms.Form):
    """The gravest that is left out is one above."""

    severity = forms.TypedChoiceField(label=_("Send events up to"), choices=SEVERITIES, coerce=int)


order(
    ORDER,
    _("Monitoring level"),
    explain=_(
        "The charge point sends events of this severity and graver ones, and keeps the rest to itself."
    ),
    form=LevelParams,
    group="monitoring",
    icon="priority_high",
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
