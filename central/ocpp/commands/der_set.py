"""Set a DER control: SetDERControl (2.1 R04.FR.01-17)."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.ocpp.answers import word_of
from central.ocpp.der import DEFAULT_ONLY, TYPES, control_of, field_of
from central.ocpp.errors import OcppError
from central.ocpp.intents import answer_of, command, order
from central.ocpp.schemas import validate_request
from central.ocpp.vocabulary import format_time, parse_time
from central.services.der import DER_SET, der_control_answered, der_control_request
from registry.models import ChargePoint

VERSIONS = ("2.1",)


class DerSetParams(forms.Form):
    """Which control, its settings, and when it holds."""

    control_type = forms.ChoiceField(label=_("Control"), choices=[(name, name) for name in TYPES])
    is_default = forms.BooleanField(
        label=_("Default"),
        required=False,
        help_text=_("Holds whenever no scheduled control of its type does."),
    )
    priority = forms.IntegerField(
        label=_("Priority"), min_value=0, required=False, help_text=_("0 is the highest, and what is taken.")
    )
    settings = forms.JSONField(
        label=_("Settings"),
        initial=dict,
        help_text=_(
            "As OCPP names them, without priority, startTime and duration. A curve: "
            '{"yUnit": "PctMaxW", "curveData": [{"x": 253, "y": 100}, {"x": 257, "y": 0}]}'
        ),
    )
    starts_at = forms.DateTimeField(label=_("From"), required=False, help_text=_("Scheduled controls only."))
    duration_s = forms.FloatField(
        label=_("For (s)"), min_value=0, required=False, help_text=_("Scheduled controls only.")
    )
    control_id = forms.CharField(
        label=_("Id"), max_length=36, required=False, help_text=_("A new one, where it is left out.")
    )

    def clean(self) -> dict[str, Any]:
        """What OCPP forbids is told before it is sent (R04.FR.12, FR.14, FR.16)."""
        values: dict[str, Any] = super().clean() or {}
        if self.errors:
            return values
        if values["is_default"] and (values.get("starts_at") or values.get("duration_s")):
            self.add_error("starts_at", _("A default control has no start and no duration."))
        if not values["is_default"] and values["control_type"] in DEFAULT_ONLY:
            self.add_error("is_default", _("This control exists as a default one only."))
        if not isinstance(values["settings"], dict):
            self.add_error("settings", _("An object is needed."))
        elif not self.errors:
            self._check_form(values)
        return values

    def _check_form(self, values: dict[str, Any]) -> None:
        try:
            validate_request("2.1", "SetDERControl", payload({"control_id": "x"} | values))
        except OcppError as error:
            self.add_error(
                "settings",
                _("Not as OCPP has it for this control: {field}").format(field=error.field or error.code),
            )


def payload(values: dict[str, Any]) -> dict[str, Any]:
    """The request of checked values."""
    settings = values["settings"] | {"priority": values.get("priority") or 0}
    if values.get("starts_at"):
        starts_at = values["starts_at"]
        settings["startTime"] = format_time(parse_time(str(starts_at)))
    if values.get("duration_s"):
        settings["duration"] = values["duration_s"]
    return {
        "isDefault": bool(values.get("is_default")),
        "controlId": values["control_id"],
        "controlType": values["control_type"],
        field_of(values["control_type"]): settings,
    }


def create(*, charge_point: ChargePoint, params: dict[str, Any], now: datetime, **common: Any) -> Command:
    """Write the control down and queue it."""
    params = {"control_id": str(uuid4())} | params
    return der_control_request(
        charge_point=charge_point, control=control_of(payload(params)), params=params, now=now, **common
    )


order(
    DER_SET,
    _("Set DER control"),
    explain=_("Tells the charge point how to behave when the grid deviates. It keeps this over restarts."),
    form=DerSetParams,
    group="grid",
    icon="electrical_services",
    danger=True,
    create=create,
)


@command(DER_SET, versions=VERSIONS)
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request."""
    return "SetDERControl", payload(command.params)


@answer_of("SetDERControl", versions=VERSIONS)
def apply(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """Installed or refused, and what it supersedes: itself too, where a better one is in force (FR.08)."""
    return der_control_answered(
        command=command,
        control=control_of(request),
        status=answer["status"],
        word=word_of(answer),
        superseded=answer.get("supersededIds", ()),
        now=now,
    )
