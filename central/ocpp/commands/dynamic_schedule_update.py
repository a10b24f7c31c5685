"""Update a dynamic profile: UpdateDynamicSchedule (2.1 K28)."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.models.charging_profile import Kind
from central.ocpp.intents import answer_of, command, order
from central.ocpp.offers import offer_profiles
from central.ocpp.vocabulary import format_time
from central.services.charging_profiles import number_of
from central.services.commands import command_create
from central.services.dynamic_profiles import dynamic_updated
from central.services.schedules import UPDATABLE
from emobility.lib.errors import Invalid
from registry.models import ChargePoint

NAME = "dynamic_schedule_update"
LABELS = {
    "limit": _("Limit"),
    "dischargeLimit": _("Limit of discharging"),
    "setpoint": _("Setpoint"),
    "setpointReactive": _("Reactive setpoint"),
}


class UpdateParams(forms.Form):
    """The profile by either handle, and its new values in its unit."""

    profile_id = forms.IntegerField(label=_("Profile"), required=False, help_text=_("Its number."))
    profile = forms.IntegerField(label=_("One of these"), min_value=1, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in UPDATABLE:
            word, _sign, phase = name.partition("_")
            label = f"{LABELS[word]} {phase}".strip()
            self.fields[name] = forms.FloatField(label=label, required=False)

    def for_charge_point(self, charge_point: ChargePoint) -> None:
        """Offer the dynamic profiles that it has."""
        offer_profiles(self, charge_point, kind=Kind.DYNAMIC)


def create(*, charge_point: ChargePoint, params: dict[str, Any], **common: Any) -> Command:
    """Queue the new values. Raises Invalid without a profile or values, NotFound."""
    number = number_of(charge_point, params.get("profile"), params.get("profile_id"))
    if number is None:
        raise Invalid(_t("Name the profile."), {"profile_id": _t("needs profile or profile_id")})
    values = {name: params[name] for name in UPDATABLE if name in params}
    if not values:
        raise Invalid(_t("Give a new value."), {"limit": _t("needs at least one value")})
    chosen = {"profile_id": number, "values": values}
    return command_create(charge_point=charge_point, order=NAME, params=chosen, **common)


order(
    NAME,
    _("Update a dynamic profile"),
    explain=_("Gives a dynamic charging profile new values at once."),
    form=UpdateParams,
    group="smart charging",
    icon="speed",
    create=create,
    again=True,
)


@command(NAME, versions=("2.1",))
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request."""
    params = command.params
    request = {"chargingProfileId": params["profile_id"], "scheduleUpdate": params["values"]}
    return "UpdateDynamicSchedule", request


@answer_of("UpdateDynamicSchedule", versions=("2.1",))
def apply(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """The stored profile follows (K28.FR.06)."""
    return dynamic_updated(
        charge_point_id=command.charge_point_id,
        number=int(request["chargingProfileId"]),
        values=request["scheduleUpdate"],
        status=answer["status"],
        at=format_time(now),
        now=now,
    )
