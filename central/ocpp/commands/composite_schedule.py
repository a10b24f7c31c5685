"""Composite schedule: GetCompositeSchedule in all versions (1.6 §5.7, 2.x K08)."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.ocpp.intents import answer_of, command, order
from central.ocpp.numbers import whole
from central.ocpp.offers import offer_evses
from central.ocpp.vocabulary import parse_time
from central.services.charging_limits import composite_record
from registry.models import ChargePoint
from registry.rights import Right

NAME = "composite_schedule"
DAY = 24 * 3600


class CompositeParams(forms.Form):
    """Of which EVSE, and how far ahead."""

    duration = forms.IntegerField(label=_("Seconds"), min_value=1, initial=DAY, help_text=_("How far ahead."))
    evse_number = forms.IntegerField(
        label=_("EVSE"), min_value=0, required=False, help_text=_("0 is the whole charge point.")
    )
    unit = forms.ChoiceField(label=_("Unit"), choices=[("", ""), ("A", "A"), ("W", "W")], required=False)

    def for_charge_point(self, charge_point: ChargePoint) -> None:
        """Tell which EVSEs are known."""
        offer_evses(self, charge_point)


order(
    NAME,
    _("Ask for the composite schedule"),
    explain=_("The charge point works out from all its profiles and limits what it expects to charge with."),
    form=CompositeParams,
    group="smart charging",
    icon="stacked_line_chart",
    right=Right.SERVICE,
)


@command(NAME)
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request."""
    params = command.params
    place = "connectorId" if version == "1.6" else "evseId"
    request = {place: params.get("evse_number") or 0, "duration": params["duration"]}
    if params.get("unit"):
        request["chargingRateUnit"] = params["unit"]
    return "GetCompositeSchedule", request


@answer_of("GetCompositeSchedule", versions=("1.6",))
def apply_1_6(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """Keep the schedule; an accepted answer without one is accepted all the same."""
    schedule = answer.get("chargingSchedule")
    if answer["status"] == "Accepted" and schedule:
        start = answer.get("scheduleStart") or schedule.get("startSchedule")
        place = whole(answer.get("connectorId", request["connectorId"]), "connectorId", 0)
        composite_record(
            command=command,
            evse_number=place,
            starts_at=parse_time(start) if start else now,
            schedule=schedule,
            now=now,
        )
    return bool(answer["status"] == "Accepted")


@answer_of("GetCompositeSchedule", versions=("2.0.1", "2.1"))
def apply_2(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """Keep the schedule."""
    schedule = answer.get("schedule")
    if answer["status"] == "Accepted" and schedule:
        kept = {name: value for name, value in schedule.items() if name not in {"evseId", "scheduleStart"}}
        composite_record(
            command=command,
            evse_number=whole(schedule["evseId"], "evseId", 0),
            starts_at=parse_time(schedule["scheduleStart"]),
            schedule=kept,
            now=now,
        )
    return bool(answer["status"] == "Accepted")
