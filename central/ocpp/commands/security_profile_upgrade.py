"""A higher security profile (A05): 1.6 ChangeConfiguration, 2.x SetNetworkProfile and then its priority."""

from datetime import datetime
from typing import Any, Final

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.ocpp.intents import answer_to, command, order
from central.services.security_upgrades import (
    CHOOSE,
    UPGRADE,
    choice_answered,
    upgrade_answered,
    upgrade_request,
)
from registry.models import ChargePoint
from registry.rights import Right

PROFILES: Final = [
    (1, _("1: password, without TLS")),
    (2, _("2: password over TLS")),
    (3, _("3: client certificate over TLS")),
]
TAKEN: Final = frozenset({"Accepted", "RebootRequired"})
_SPOKEN: Final = {"2.0.1": "OCPP20", "2.1": "OCPP21"}


class UpgradeParams(forms.Form):
    """To which profile; in 2.x also where to connect, and which slot keeps that."""

    profile = forms.TypedChoiceField(label=_("Security profile"), coerce=int, choices=PROFILES)
    url = forms.CharField(
        label=_("Address (OCPP 2.x)"),
        required=False,
        max_length=512,
        help_text=_("wss://host/ocpp, without the id, which the charge point adds by itself."),
    )
    slot = forms.IntegerField(
        label=_("Slot (OCPP 2.x)"),
        required=False,
        min_value=0,
        max_value=100,
        help_text=_("A connection profile that is not in use: the one in use must stay as a way back."),
    )
    restart = forms.BooleanField(
        label=_("Restart when idle (OCPP 2.x)"),
        required=False,
        help_text=_("It connects with the new profile after a restart only."),
    )
    anyway = forms.BooleanField(
        label=_("Even where something is missing"),
        required=False,
        help_text=_("For what we cannot know, such as a CA that the maker installed."),
    )

    def for_charge_point(self, charge_point: ChargePoint) -> None:
        """Offer what is higher than what it used, and the address that is known as ours."""
        profile: Any = self.fields["profile"]
        profile.choices = [each for each in PROFILES if each[0] > charge_point.security_profile]
        if not profile.choices:
            profile.help_text = _("It has used the highest one already.")
        if settings.OCPP_PUBLIC_URL.startswith("wss://"):
            self.fields["url"].initial = settings.OCPP_PUBLIC_URL


class ChooseParams(forms.Form):
    """The slots in the order in which they are tried."""

    slots = forms.RegexField(r"\A\d{1,3}(,\d{1,3}){0,9}\Z", label=_("Slots, the first one first"))


order(
    UPGRADE,
    _("Upgrade security profile"),
    explain=_("Moves the charge point to a higher security profile. There is no way back by OCPP."),
    form=UpgradeParams,
    right=Right.ENROL,
    group="security",
    icon="security_update_good",
    danger=True,
    create=upgrade_request,
    later=("url", "slot", "restart"),
)
order(
    CHOOSE,
    _("Choose connection profiles"),
    explain=_("Tells in which order the charge point tries its connection profiles after a restart."),
    form=ChooseParams,
    right=Right.ENROL,
    group="security",
    icon="low_priority",
)


@command(UPGRADE)
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """1.6 security A05: the key; 2.x B09: the profile in its slot."""
    params = command.params
    if version == "1.6":
        return "ChangeConfiguration", {"key": "SecurityProfile", "value": str(params["profile"])}
    if not params.get("url") or params.get("slot") is None:
        raise ValueError("OCPP 2.x needs an address and a slot.")
    data: dict[str, Any] = {
        "messageTimeout": 30,
        "ocppCsmsUrl": params["url"],
        "ocppInterface": "Any" if version == "2.1" else "Wired0",
        "ocppTransport": "JSON",
        "ocppVersion": _SPOKEN[version],
        "securityProfile": params["profile"],
    }
    return "SetNetworkProfile", {"configurationSlot": params["slot"], "connectionData": data}


@command(CHOOSE, versions=("2.0.1", "2.1"))
def build_choice(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """B10: NetworkConfigurationPriority."""
    data = {
        "component": {"name": "OCPPCommCtrlr"},
        "variable": {"name": "NetworkConfigurationPriority"},
        "attributeValue": command.params["slots"],
    }
    return "SetVariables", {"setVariableData": [data]}


@answer_to(UPGRADE)
def apply(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """Taken, or refused with the charge point's word."""
    status = str(answer.get("status", ""))
    command.action = "ChangeConfiguration" if "key" in request else "SetNetworkProfile"
    upgrade_answered(command=command, accepted=status in TAKEN, status=status, now=now)
    return status in TAKEN


@answer_to(CHOOSE)
def apply_choice(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """The same for the priority."""
    results = answer.get("setVariableResult") or [{}]
    status = str(results[0].get("attributeStatus", ""))
    choice_answered(command=command, accepted=status in TAKEN, status=status, now=now)
    return status in TAKEN
