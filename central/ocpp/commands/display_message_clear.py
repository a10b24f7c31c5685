"""Clear a display message: ClearDisplayMessage (2.x O05)."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from central.models import Command, DisplayMessage
from central.models.display_message import DisplayState
from central.ocpp.intents import answer_of, command, order
from central.services.display_messages import CLEAR, display_message_cleared
from registry.models import ChargePoint

MOST_CHOICES = 100


class ClearParams(forms.Form):
    """Which one, by its number."""

    number = forms.IntegerField(label=_("Message"), min_value=0, max_value=2**31 - 1)

    def for_charge_point(self, charge_point: ChargePoint) -> None:
        """Offer the messages that it has."""
        rows = DisplayMessage.objects.filter(charge_point=charge_point, state=DisplayState.INSTALLED)
        choices = [(row.number, str(row)) for row in rows[:MOST_CHOICES]]
        if choices:
            label = self.fields["number"].label
            self.fields["number"] = forms.TypedChoiceField(label=label, choices=choices, coerce=int)


order(
    CLEAR,
    _("Remove a message"),
    explain=_("Takes a text off the charge point's display."),
    form=ClearParams,
    group="display",
    icon="speaker_notes_off",
)


@command(CLEAR, versions=("2.0.1", "2.1"))
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request."""
    return "ClearDisplayMessage", {"id": command.params["number"]}


@answer_of("ClearDisplayMessage", versions=("2.0.1", "2.1"))
def apply(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """Removed, or never there."""
    return display_message_cleared(command=command, number=request["id"], status=answer["status"], now=now)
