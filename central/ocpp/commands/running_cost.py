"""Show what a session costs so far: RunningCost by DataTransfer (California pricing §3.1.4)."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.ocpp.california import RUNNING_COST, VENDOR, VERSIONS, running_cost, session_price
from central.ocpp.intents import command, order
from central.ocpp.session_choice import SessionChoice, chosen_session
from central.ocpp.vendor_table import vendor_request
from central.ocpp.vocabulary import format_time, parse_time
from central.services.commands import command_create
from registry.models import ChargePoint

STATUSES = ("Available", "Preparing", "Charging", "SuspendedEVSE", "SuspendedEV", "Finishing")
TRIGGERS = ("at_time", "at_energy_kwh", "at_power_kw", "at_status")


class RunningCostParams(SessionChoice):
    """Of which session, in which state, and when the charge point shall send its next meter value."""

    idle = forms.BooleanField(
        label=_("Idle"), required=False, help_text=_("The car is full: the price of parking counts.")
    )
    at_time = forms.DateTimeField(
        label=_("Meter value at"), required=False, help_text=_("When the charge point sends one in any case.")
    )
    at_energy_kwh = forms.FloatField(label=_("Meter value at energy (kWh)"), min_value=0, required=False)
    at_power_kw = forms.FloatField(
        label=_("Meter value at power (kW)"),
        min_value=0,
        required=False,
        help_text=_("When the power crosses it: 0.1 tells that the car has stopped."),
    )
    at_status = forms.MultipleChoiceField(
        label=_("Meter value at state"), choices=[(name, name) for name in STATUSES], required=False
    )


def create(*, charge_point: ChargePoint, params: dict[str, Any], **common: Any) -> Command:
    """Queue the cost of a session. Raises Invalid, NotFound."""
    session = chosen_session(charge_point, params)
    values = {"session_id": session.pk, "idle": params.get("idle", False)}
    values |= {name: params[name] for name in TRIGGERS if params.get(name)}
    return command_create(charge_point=charge_point, order="running_cost", params=values, **common)


order(
    "running_cost",
    _("Show running cost"),
    explain=_("Shows what a session costs so far and its unit prices, on displays of OCPP 1.6."),
    form=RunningCostParams,
    group="prices",
    icon="payments",
    create=create,
    again=True,
)


@command("running_cost", versions=VERSIONS)
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The vendor message with the cost of this moment. Raises ValueError where no tariff applies."""
    params = command.params
    data = running_cost(*session_price(params["session_id"]), idle=params["idle"])
    triggers = _triggers(params)
    if triggers:
        data["triggerMeterValue"] = triggers
    return vendor_request(version, VENDOR, RUNNING_COST, data)


def _triggers(params: dict[str, Any]) -> dict[str, Any]:
    names = {"at_energy_kwh": "atEnergykWh", "at_power_kw": "atPowerkW", "at_status": "atCPStatus"}
    triggers = {names[name]: params[name] for name in names if name in params}
    if "at_time" in params:
        triggers["atTime"] = format_time(parse_time(params["at_time"]))
    return triggers
