"""Ask for the DER controls: GetDERControl (2.1 R04.FR.30-37); ReportDERControl brings them."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.ocpp.answers import held
from central.ocpp.der import SCOPE, TYPES, scope_of
from central.ocpp.intents import answer_of, command, order
from central.services.der_reports import DER_GET, der_report_answered, der_report_request
from registry.models import ChargePoint
from registry.rights import Right

VERSIONS = ("2.1",)
ANY = ("", _("any"))


class DerGetParams(forms.Form):
    """Which controls; all where nothing is said."""

    which = forms.ChoiceField(
        label=_("Which"),
        choices=[("", _("all")), ("default", _("default")), ("scheduled", _("scheduled"))],
        required=False,
    )
    control_type = forms.ChoiceField(
        label=_("Control"), choices=[ANY, *((name, name) for name in TYPES)], required=False
    )
    control_id = forms.CharField(
        label=_("Id"), max_length=36, required=False, help_text=_("Stands in for the control.")
    )


def create(*, charge_point: ChargePoint, params: dict[str, Any], now: datetime, **common: Any) -> Command:
    """Queue the question, with a row for its report."""
    scope: dict[str, Any] = {name: params[name] for name in ("control_type", "control_id") if name in params}
    if "control_id" in scope:
        scope.pop("control_type", None)
    if "which" in params:
        scope["is_default"] = params["which"] == "default"
    return der_report_request(charge_point=charge_point, scope=scope, now=now, **common)


order(
    DER_GET,
    _("Read DER controls"),
    explain=_("Asks the charge point which controls it has. The report follows its answer."),
    form=DerGetParams,
    group="grid",
    icon="electrical_services",
    create=create,
    right=Right.SERVICE,
)


@command(DER_GET, versions=VERSIONS)
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request; its id is the command's number."""
    asked = {field: command.params[name] for name, field in SCOPE.items() if name in command.params}
    return "GetDERControl", {"requestId": command.pk} | asked


@answer_of("GetDERControl", versions=VERSIONS)
def apply(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """A report follows, nothing is there, or the control is not supported."""
    return der_report_answered(
        command=command,
        request_id=held(request["requestId"]),
        scope=scope_of(request),
        status=answer["status"],
        now=now,
    )
