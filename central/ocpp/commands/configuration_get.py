"""Read configuration: GetConfiguration (1.6 §5.8), GetVariables (2.x B06), all by GetBaseReport (B07)."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.models.variable import Source
from central.ocpp.device_model import attribute_write, is_secret, place_read
from central.ocpp.intents import answer_of, command, order
from central.ocpp.order_lists import cut_to, names_field
from central.services.configuration_orders import DEVICE_DATA, GET, LIST, commands_create, get_limit
from central.services.device_places import Place, place_of
from central.services.display_reads import SOURCE as DISPLAYS
from central.services.variables import Told, keys_limit, limit_of, variables_record
from registry.models import ChargePoint
from registry.rights import Right

UNKNOWN = "UnknownKey"


class GetParams(forms.Form):
    """Which values; all where none are named."""

    variables = names_field(
        label=_("Names"),
        required=False,
        help_text=_(
            "One a line: HeartbeatInterval, or for OCPP 2 Component.Variable like"
            " SampledDataCtrlr.TxUpdatedInterval. Nothing: everything."
        ),
    )


def create(*, charge_point: ChargePoint, params: dict[str, Any], **common: Any) -> Command:
    """Queue it, as several where the charge point takes fewer names at once."""
    limit = get_limit(charge_point)
    return commands_create(charge_point=charge_point, order=GET, params=params, limit=limit, **common)


order(
    GET,
    _("Read configuration"),
    explain=_("Asks the charge point for values of its configuration and keeps what it tells."),
    form=GetParams,
    group="configuration",
    icon="manage_search",
    create=create,
    again=True,
    right=Right.SERVICE,
)


@command(GET)
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request; without names a 2.x charge point is asked for a full report, whose number is ours."""
    items = command.params.get(LIST) or []
    places = list(dict.fromkeys(place_of(item, version) for item in items))
    if version == "1.6":
        cut_to(keys_limit(command.charge_point_id), places)
        return "GetConfiguration", {"key": [place.variable for place in places]} if places else {}
    if not places:
        return "GetBaseReport", {"requestId": command.pk, "reportBase": "FullInventory"}
    cut_to(limit_of(command.charge_point_id, DEVICE_DATA, "GetVariables"), places)
    return "GetVariables", {"getVariableData": [attribute_write(place) for place in places]}


@answer_of("GetConfiguration", versions=("1.6",))
def apply_1_6(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """Keep the values and which names are unknown; True where any of the names is known.

    That none is known is an answer too where the platform asked what a charge point can show.
    """
    known, unknown = answer.get("configurationKey") or [], answer.get("unknownKey") or []
    told = [_key(entry) for entry in known] + [Told(place=Place(name), word=UNKNOWN) for name in unknown]
    variables_record(charge_point_id=command.charge_point_id, told=told, source=Source.READ, now=now)
    return bool(known) or not unknown or command.source == DISPLAYS


@answer_of("GetVariables", versions=("2.0.1", "2.1"))
def apply_2(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """Keep the values and refusals; True where any was told.

    Rejected is what a variable says that cannot be read (B06.FR.09): nothing to remember.
    """
    results = answer["getVariableResult"]
    told = [_result(each) for each in results if each["attributeStatus"] != "Rejected"]
    variables_record(charge_point_id=command.charge_point_id, told=told, source=Source.READ, now=now)
    return command.source == DISPLAYS or any(each["attributeStatus"] == "Accepted" for each in results)


def _key(entry: dict[str, Any]) -> Told:
    place = Place(entry["key"])
    details = {"mutability": "ReadOnly" if entry["readonly"] else "ReadWrite"}
    return Told(place=place, value=entry.get("value"), secret=is_secret(place), details=details)


def _result(result: dict[str, Any]) -> Told:
    place = place_read(result, result.get("attributeType", ""))
    if result["attributeStatus"] != "Accepted":
        return Told(place=place, word=result["attributeStatus"])
    return Told(place=place, value=result.get("attributeValue", ""), secret=is_secret(place))
