"""aFRR signal: AFRRSignal, automatic frequency restoration by cars (2.1 Q07)."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.models.charging_needs import SignalKind
from central.ocpp.intents import answer_of, command, order
from central.ocpp.vocabulary import format_time, parse_time
from central.services.power_signals import signal_answered

NAME = "afrr_signal"


class SignalParams(forms.Form):
    """The grid operator's signal, and from when it counts (now, where it is left out)."""

    signal = forms.IntegerField(
        label=_("Signal"), help_text=_("v2xSignalWattCurve of the profiles tells what it means.")
    )
    at = forms.DateTimeField(label=_("From"), required=False)


order(
    NAME,
    _("Send an aFRR signal"),
    explain=_("Passes a signal of the grid operator on; cars charge or discharge by their profiles' curves."),
    form=SignalParams,
    group="smart charging",
    icon="electric_meter",
)


@command(NAME, versions=("2.1",))
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request."""
    given = command.params.get("at")
    at = parse_time(given) if given else command.created_at
    return "AFRRSignal", {"timestamp": format_time(at), "signal": command.params["signal"]}


@answer_of("AFRRSignal", versions=("2.1",))
def apply(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """Kept with the time from which it counts."""
    return signal_answered(
        command=command,
        kind=SignalKind.AFRR,
        transaction_id="",
        value={"signal": request["signal"], "from": request["timestamp"]},
        status=answer["status"],
        now=now,
    )
