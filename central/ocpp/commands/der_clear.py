"""Clear DER controls: ClearDERControl (2.1 R04.FR.41-46)."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.ocpp.der import TYPES, scope_of
from central.ocpp.intents import answer_of, command, order
from central.services.der import der_controls_cleared

VERSIONS = ("2.1",)


class DerClearParams(forms.Form):
    """Default or scheduled ones: all, of one type, or one by its id."""

    which = forms.ChoiceField(
        label=_("Which"), choices=[("scheduled", _("scheduled")), ("default", _("default"))]
    )
    control_type = forms.ChoiceField(
        label=_("Control"), choices=[("", _("any")), *((name, name) for name in TYPES)], required=False
    )
    control_id = forms.CharField(
        label=_("Id"), max_length=36, required=False, help_text=_("Stands in for the control.")
    )


order(
    "der_clear",
    _("Clear DER controls"),
    explain=_("Removes controls from the charge point. It then follows the grid code it was built with."),
    form=DerClearParams,
    group="grid",
    icon="electrical_services",
    danger=True,
)


@command("der_clear", versions=VERSIONS)
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request: an id stands in for the type."""
    params = command.params
    request: dict[str, Any] = {"isDefault": params["which"] == "default"}
    if params.get("control_id"):
        request["controlId"] = params["control_id"]
    elif params.get("control_type"):
        request["controlType"] = params["control_type"]
    return "ClearDERControl", request


@answer_of("ClearDERControl", versions=VERSIONS)
def apply(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """Cleared, or not there."""
    return der_controls_cleared(
        charge_point_id=command.charge_point_id,
        scope=scope_of(request),
        status=answer["status"],
        now=now,
    )
