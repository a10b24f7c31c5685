"""Clear charging profiles: ClearChargingProfile in all versions (1.6 §5.5, 2.x K10)."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.models.charging_profile import Purpose
from central.ocpp.charging import ALIASES, NEWEST, PURPOSES, purpose_1_6, purpose_of
from central.ocpp.intents import answer_of, command, order
from central.ocpp.offers import offer_profiles
from central.services.charging_profiles import Criteria, number_of, profiles_cleared
from central.services.commands import command_create
from registry.models import ChargePoint

CLEAR = "profile_clear"
CHOICES = [
    ("", ""),
    *(
        (each.value, each.label)
        for each in Purpose
        if each not in {Purpose.EXTERNAL, Purpose.LOCAL_GENERATION}
    ),
    *((short, short) for short, ours in PURPOSES.items() if short != ours),
]


class ClearParams(forms.Form):
    """One profile by either handle, or all that match; OCPP 1.6 clears everything where nothing is given."""

    profile_id = forms.IntegerField(
        label=_("Profile"), required=False, help_text=_("Its number; also one that is not listed here.")
    )
    profile = forms.IntegerField(label=_("One of these"), min_value=1, required=False)
    purpose = forms.ChoiceField(label=_("What they limit"), choices=CHOICES, required=False)
    evse_number = forms.IntegerField(
        label=_("EVSE"), min_value=0, required=False, help_text=_("0 is the whole charge point.")
    )
    stack_level = forms.IntegerField(label=_("Stack level"), min_value=0, required=False)

    def for_charge_point(self, charge_point: ChargePoint) -> None:
        """Offer the profiles that it has."""
        offer_profiles(self, charge_point)


def create(*, charge_point: ChargePoint, params: dict[str, Any], **common: Any) -> Command:
    """Queue it, by the number of the profile. Raises NotFound."""
    number = number_of(charge_point, params.pop("profile", None), params.get("profile_id"))
    if number is not None:
        params["profile_id"] = number
    if "purpose" in params:
        params["purpose"] = purpose_of(params["purpose"])
    return command_create(charge_point=charge_point, order=CLEAR, params=params, **common)


order(
    CLEAR,
    _("Clear charging profiles"),
    explain=_("Takes limits back that were set from here. External limits stay."),
    form=ClearParams,
    group="smart charging",
    icon="layers_clear",
    danger=True,
    create=create,
    again=True,
    later=ALIASES,
    newest=NEWEST,
    oldest=ALIASES,
)


@command(CLEAR)
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request. Raises ValueError where 2.x forbids it (K10.FR.02) or 1.6 has no such purpose."""
    params = command.params
    return "ClearChargingProfile", _build_1_6(params) if version == "1.6" else _build_2(params)


def _build_1_6(params: dict[str, Any]) -> dict[str, Any]:
    names = {"id": "profile_id", "connectorId": "evse_number", "stackLevel": "stack_level"}
    request = {word: params[name] for word, name in names.items() if name in params}
    if params.get("purpose"):
        request["chargingProfilePurpose"] = purpose_1_6(params["purpose"])
    return request


def _build_2(params: dict[str, Any]) -> dict[str, Any]:
    if "profile_id" in params:
        return {"chargingProfileId": params["profile_id"]}
    names = {"evseId": "evse_number", "chargingProfilePurpose": "purpose", "stackLevel": "stack_level"}
    criteria = {word: params[name] for word, name in names.items() if name in params}
    if not criteria:
        raise ValueError("OCPP 2.x wants to know which profiles.")
    return {"chargingProfileCriteria": criteria}


@answer_of("ClearChargingProfile", versions=("1.6",))
def apply_1_6(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """Gone, or not there."""
    criteria = Criteria(
        number=request.get("id"),
        evse_number=request.get("connectorId"),
        purpose=purpose_of(request.get("chargingProfilePurpose", "")),
        stack_level=request.get("stackLevel"),
    )
    return _apply(command, criteria, answer, now)


@answer_of("ClearChargingProfile", versions=("2.0.1", "2.1"))
def apply_2(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """Gone, or not there (K10.FR.01)."""
    chosen = request.get("chargingProfileCriteria", {})
    criteria = Criteria(
        number=request.get("chargingProfileId"),
        evse_number=chosen.get("evseId"),
        purpose=chosen.get("chargingProfilePurpose", ""),
        stack_level=chosen.get("stackLevel"),
    )
    return _apply(command, criteria, answer, now)


def _apply(command: Command, criteria: Criteria, answer: dict[str, Any], now: datetime) -> bool:
    return profiles_cleared(
        charge_point_id=command.charge_point_id, criteria=criteria, status=answer["status"], now=now
    )
