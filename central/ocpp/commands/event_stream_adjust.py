"""Adjust an event stream: AdjustPeriodicEventStream (2.1 N14)."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.ocpp.intents import answer_of, command, order
from central.services.event_streams import event_stream_adjusted
from registry.rights import Right

ORDER = "event_stream_adjust"


class AdjustParams(forms.Form):
    """Which stream, how often."""

    stream = forms.IntegerField(label=_("Stream"), min_value=0)
    interval = forms.IntegerField(label=_("Send every (seconds)"), min_value=0, required=False)
    values = forms.IntegerField(label=_("or after so many values"), min_value=0, required=False)

    def clean(self) -> dict[str, Any]:
        """Raise ValidationError where nothing shall change (N14.FR.01)."""
        asked = super().clean() or {}
        if asked.get("interval") is None and asked.get("values") is None and not self.errors:
            raise forms.ValidationError({"interval": _("Say how often: by seconds, by values, or both.")})
        return asked


order(
    ORDER,
    _("Adjust event stream"),
    explain=_("Changes how often the charge point sends the values of a stream."),
    form=AdjustParams,
    group="monitoring",
    icon="stream",
    right=Right.SERVICE,
)


@command(ORDER, versions=("2.1",))
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request."""
    asked = {name: command.params[name] for name in ("interval", "values") if name in command.params}
    return "AdjustPeriodicEventStream", {"id": command.params["stream"], "params": asked}


@answer_of("AdjustPeriodicEventStream", versions=("2.1",))
def apply(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """Keep the new pace where it was accepted (N14.FR.02, 03)."""
    if answer["status"] != "Accepted":
        return False
    asked = request["params"]
    event_stream_adjusted(
        charge_point_id=command.charge_point_id,
        number=int(request["id"]),
        interval=asked.get("interval"),
        values_each=asked.get("values"),
    )
    return True
