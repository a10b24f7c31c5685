"""Ask for display messages: GetDisplayMessages (2.x O03, O04); NotifyDisplayMessages brings the list."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.ocpp.display import PRIORITIES, STATES, STATES_2_1
from central.ocpp.intents import answer_of, command, order
from central.services.display_messages import GET, display_messages_none
from registry.rights import Right


class GetParams(forms.Form):
    """Which ones; all of them where nothing is said."""

    numbers = forms.RegexField(
        r"^\s*\d{1,9}(\s*,\s*\d{1,9})*\s*$",
        label=_("Messages"),
        required=False,
        help_text=_("Numbers, separated by commas; all of them if left out."),
    )
    priority = forms.ChoiceField(
        label=_("Priority"), choices=[("", _("any")), *((name, name) for name in PRIORITIES)], required=False
    )
    shown_state = forms.ChoiceField(
        label=_("Shown while it is"),
        choices=[("", _("in any state")), *((name, name) for name in (*STATES, *STATES_2_1))],
        required=False,
    )


order(
    GET,
    _("Ask for its messages"),
    explain=_("The charge point tells which texts it has; the list of display messages is corrected by it."),
    form=GetParams,
    group="display",
    icon="speaker_notes",
    right=Right.SERVICE,
)


@command(GET, versions=("2.0.1", "2.1"))
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request; requestId is the command's number. Raises ValueError for a state that 2.0.1 lacks."""
    params = command.params
    request: dict[str, Any] = {"requestId": command.pk}
    if "numbers" in params:
        request["id"] = sorted({int(number) for number in params["numbers"].split(",")})
    if "priority" in params:
        request["priority"] = params["priority"]
    if "shown_state" in params:
        if version == "2.0.1" and params["shown_state"] in STATES_2_1:
            raise ValueError("OCPP 2.0.1 does not know this state.")
        request["state"] = params["shown_state"]
    return "GetDisplayMessages", request


@answer_of("GetDisplayMessages", versions=("2.0.1", "2.1"))
def apply(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """A list will follow; Unknown says that there is nothing to list, which is an answer too."""
    if answer["status"] == "Unknown":
        display_messages_none(command=command, asked=request, now=now)
    return True
