"""Ask which tariffs a charge point has: GetTariffs (2.1 I09)."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.ocpp.answers import held
from central.ocpp.intents import answer_of, command, order
from central.ocpp.vocabulary import parse_time
from central.services.charge_point_tariffs import GET, Assignment, tariffs_reported
from registry.rights import Right

VERSIONS = ("2.1",)


class TariffsGetParams(forms.Form):
    """Where."""

    evse_number = forms.IntegerField(
        label=_("EVSE"), min_value=0, required=False, help_text=_("All, where it is left out.")
    )


order(
    GET,
    _("Read tariffs"),
    explain=_("Asks the charge point which tariffs it has, by default and for single drivers."),
    form=TariffsGetParams,
    group="prices",
    icon="sell",
    right=Right.SERVICE,
)


@command(GET, versions=VERSIONS)
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request; EVSE 0 means all."""
    return "GetTariffs", {"evseId": command.params.get("evse_number", 0)}


@answer_of("GetTariffs", versions=VERSIONS)
def apply(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """What it has is what counts; NoTariff is an answer too."""
    if answer["status"] not in {"Accepted", "NoTariff"}:
        return False
    tariffs_reported(
        charge_point_id=command.charge_point_id,
        evse_number=max(0, held(request["evseId"], 31)),
        assignments=[_assignment(each) for each in answer.get("tariffAssignments", ())],
        now=now,
    )
    return True


def _assignment(said: dict[str, Any]) -> Assignment:
    return Assignment(
        tariff_id=said["tariffId"],
        kind=said["tariffKind"],
        evse_numbers=[held(number, 31) for number in said.get("evseIds", ())],
        id_tags=said.get("idTokens", ()),
        valid_from=parse_time(said["validFrom"]) if "validFrom" in said else None,
    )
