"""Unlock: UnlockConnector, for a driver whose cable is stuck (1.6 §5.18, 2.x F05)."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.ocpp.intents import answer_of, command, order
from central.ocpp.places import PlaceForm, connector_id
from registry.rights import Right


class UnlockParams(PlaceForm):
    """Which plug."""

    evse_number = forms.IntegerField(label=_("EVSE"), min_value=1)


order(
    "unlock",
    _("Unlock"),
    explain=_(
        "Frees a cable that is stuck. OCPP 1.6 ends a running session first; 2.x refuses while one runs, so"
        " stop it before."
    ),
    form=UnlockParams,
    icon="lock_open",
    danger=True,
    later=("connector_number",),
    right=Right.SERVICE,
)


@command("unlock")
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request. Raises ValueError for a second connector in 1.6."""
    if version == "1.6":
        return "UnlockConnector", {"connectorId": connector_id(command.params)}
    return "UnlockConnector", {
        "evseId": command.params["evse_number"],
        "connectorId": command.params.get("connector_number") or 1,
    }


@answer_of("UnlockConnector")
def apply(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """Only Unlocked means that the cable is free (1.6 §7.46, 2.x F05.FR.02-05)."""
    return bool(answer["status"] == "Unlocked")
