"""Monitoring base: which set of monitors is active, SetMonitoringBase (2.x N03)."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.ocpp.intents import answer_of, command, order
from central.services.configuration_orders import MONITORING
from central.services.device_places import Place
from central.services.monitors import monitors_reset
from central.services.variables import Told, variables_set
from registry.rights import Right

ORDER = "monitoring_base"
BASES = (
    ("All", _("all: also the maker's prepared monitors")),
    ("FactoryDefault", _("as delivered: own monitors are deleted")),
    ("HardWiredOnly", _("only built-in monitors: own ones are deleted, prepared ones switched off")),
)


class BaseParams(forms.Form):
    """Which set."""

    base = forms.ChoiceField(label=_("Monitors"), choices=BASES)


order(
    ORDER,
    _("Monitoring base"),
    explain=_("Chooses which monitors are active. Two of the choices delete monitors that were set."),
    form=BaseParams,
    group="monitoring",
    icon="rule_settings",
    danger=True,
    right=Right.SERVICE,
)


@command(ORDER, versions=("2.0.1", "2.1"))
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request."""
    return "SetMonitoringBase", {"monitoringBase": command.params["base"]}


@answer_of("SetMonitoringBase", versions=("2.0.1", "2.1"))
def apply(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """Keep the base as the variable that shows it, and note the monitors that went (N03.FR.03-05)."""
    if answer["status"] != "Accepted":
        return False
    base = request["monitoringBase"]
    told = Told(place=Place("ActiveMonitoringBase", MONITORING), value=base)
    monitors_reset(charge_point_id=command.charge_point_id, base=base, now=now)
    return variables_set(charge_point=command.charge_point, told=[told], now=now)
