"""Change configuration: ChangeConfiguration (1.6 §5.3), SetVariables (2.x B05); one order for all."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.ocpp.device_model import attribute_write, is_secret, place_read
from central.ocpp.intents import answer_of, command, order
from central.ocpp.masking import is_secret_name
from central.ocpp.order_lists import cut_to, values_field
from central.services.command_secrets import with_secrets
from central.services.configuration_orders import DEVICE_DATA, LIST, SET, configuration_set
from central.services.device_places import Place, place_of
from central.services.variables import Told, limit_of, variables_set
from registry.models import ChargePoint
from registry.rights import Right

TAKEN = {"Accepted", "RebootRequired"}


class SetParams(forms.Form):
    """Names and values."""

    variables = values_field(
        label=_("Values"),
        help_text=_(
            "One a line: HeartbeatInterval = 300, or for OCPP 2 Component.Variable = value. What OCPP 1.6 and"
            " 2 know under different names is translated."
        ),
    )


def create(*, charge_point: ChargePoint, params: dict[str, Any], **common: Any) -> Command:
    """Queue it: for OCPP 1.6 a command for each key. Raises Invalid for passwords and for doubles."""
    return configuration_set(
        charge_point=charge_point, items=params[LIST], is_secret=is_secret_name, **common
    )


order(
    SET,
    _("Change configuration"),
    explain=_(
        "Sets values of the charge point's configuration. Some take effect after a restart only; the charge"
        " point says so."
    ),
    form=SetParams,
    group="configuration",
    icon="tune",
    create=create,
    again=True,
    right=Right.SERVICE,
)


@command(SET)
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request. Raises ValueError for several keys in one 1.6 message, or more than it takes at once."""
    wanted = [_wanted(command, item, version) for item in command.params[LIST]]
    if version == "1.6":
        if len(wanted) > 1:
            raise ValueError("OCPP 1.6 changes one key at a time: order each of them.")
        place, value = wanted[0]
        return "ChangeConfiguration", {"key": place.variable, "value": value}
    cut_to(limit_of(command.charge_point_id, DEVICE_DATA, "SetVariables"), wanted)
    data = [attribute_write(place) | {"attributeValue": value} for place, value in wanted]
    return "SetVariables", {"setVariableData": data}


@answer_of("ChangeConfiguration", versions=("1.6",))
def apply_1_6(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """Keep the new value, or the refusal."""
    told = _told(Place(request["key"]), request["value"], answer["status"])
    return variables_set(charge_point=command.charge_point, told=[told], now=now)


@answer_of("SetVariables", versions=("2.0.1", "2.1"))
def apply_2(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """Keep new values and refusals, result by result (B05.FR.02); True where all were accepted."""
    values = {_address(each): each["attributeValue"] for each in request["setVariableData"]}
    told = [
        _told(
            place_read(each, each.get("attributeType", "")), values[_address(each)], each["attributeStatus"]
        )
        for each in answer["setVariableResult"]
        if _address(each) in values
    ]
    return variables_set(charge_point=command.charge_point, told=told, now=now) and len(told) == len(values)


def _wanted(command: Command, item: dict[str, Any], version: str) -> tuple[Place, str]:
    return place_of(item, version), with_secrets(command, item)["value"]


def _address(each: dict[str, Any]) -> tuple[str, str]:
    """What tells entries of one message apart (B05.FR.13); without a type the attribute is Actual."""
    place = place_read(each, each.get("attributeType", ""))
    return place.key, place.attribute


def _told(place: Place, value: str, status: str) -> Told:
    if status not in TAKEN:
        return Told(place=place, word=status)
    return Told(place=place, value=value, secret=is_secret(place), reboot=status == "RebootRequired")
