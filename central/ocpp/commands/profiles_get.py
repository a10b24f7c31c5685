"""Get charging profiles: GetChargingProfiles; they follow in ReportChargingProfiles (2.x K09)."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.models.charging_profile import Purpose
from central.ocpp.charging import NEWEST
from central.ocpp.intents import answer_of, command, order
from central.ocpp.numbers import whole, whole_or_none
from central.services.profile_reports import GET, report_answered, report_request
from registry.models import ChargePoint
from registry.rights import Right

SOURCES = ("CSO", "EMS", "SO", "Other")
VERSIONS = ("2.0.1", "2.1")


class GetParams(forms.Form):
    """Which ones; all where nothing is chosen."""

    evse_number = forms.IntegerField(
        label=_("EVSE"),
        min_value=0,
        required=False,
        help_text=_("0: only those of the whole charge point. Left out: all."),
    )
    profile_id = forms.IntegerField(label=_("Profile"), required=False, help_text=_("One by its number."))
    purpose = forms.ChoiceField(
        label=_("What they limit"), choices=[("", ""), *Purpose.choices], required=False
    )
    stack_level = forms.IntegerField(label=_("Stack level"), min_value=0, required=False)
    source = forms.CharField(
        label=_("Set by"),
        max_length=20,
        required=False,
        help_text=_("CSO (we), EMS, SO (grid operator), Other."),
    )


def create(*, charge_point: ChargePoint, params: dict[str, Any], **common: Any) -> Command:
    """Queue the request; the report is a row of its own."""
    return report_request(
        charge_point=charge_point,
        evse_number=params.get("evse_number"),
        criteria=_criteria(params),
        **common,
    )


def _criteria(params: dict[str, Any]) -> dict[str, Any]:
    """One number, or what else was chosen; all sources stand for everything (K09.FR.03)."""
    if "profile_id" in params:
        return {"chargingProfileId": [params["profile_id"]]}
    names = {"chargingProfilePurpose": "purpose", "stackLevel": "stack_level"}
    chosen = {word: params[name] for word, name in names.items() if name in params}
    if "source" in params:
        chosen["chargingLimitSource"] = [params["source"]]
    return chosen or {"chargingLimitSource": list(SOURCES)}


order(
    GET,
    _("Get charging profiles"),
    explain=_("Asks which profiles are installed, also those of other systems."),
    form=GetParams,
    group="smart charging",
    icon="download",
    create=create,
    newest=NEWEST,
    right=Right.SERVICE,
)


@command(GET, versions=VERSIONS)
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request; requestId is the number of the report."""
    params = command.params
    request = {"requestId": params["request_id"], "chargingProfile": params["criteria"]}
    if params.get("evse_number") is not None:
        request["evseId"] = params["evse_number"]
    return "GetChargingProfiles", request


@answer_of("GetChargingProfiles", versions=VERSIONS)
def apply(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """A report follows, or nothing is installed that matches."""
    return report_answered(
        command=command,
        number=whole(request["requestId"], "requestId"),
        evse_number=whole_or_none(request.get("evseId"), "evseId", 0),
        criteria=request["chargingProfile"],
        status=answer["status"],
        now=now,
    )
