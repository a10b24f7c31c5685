"""Allowed energy transfer: NotifyAllowedEnergyTransfer (2.1 Q02): what a session may do from now on."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.models.charging_needs import SignalKind
from central.ocpp.handles import transaction_of
from central.ocpp.intents import answer_of, command, order
from central.ocpp.offers import offer_sessions
from central.services.commands import command_create
from central.services.power_signals import signal_answered
from registry.models import ChargePoint

NAME = "allowed_energy_transfer"
MODES = (
    "AC_single_phase",
    "AC_two_phase",
    "AC_three_phase",
    "DC",
    "AC_BPT",
    "AC_BPT_DER",
    "AC_DER",
    "DC_BPT",
    "DC_ACDP",
    "DC_ACDP_BPT",
    "WPT",
)


class TransferParams(forms.Form):
    """The session by either handle, and the ways to transfer energy; BPT gives energy back."""

    session = forms.UUIDField(label=_("Session"), required=False)
    transaction_id = forms.CharField(label=_("Transaction"), max_length=36, required=False)
    allowed = forms.MultipleChoiceField(label=_("Allowed"), choices=[(mode, mode) for mode in MODES])

    def for_charge_point(self, charge_point: ChargePoint) -> None:
        """Offer what runs there."""
        offer_sessions(self, charge_point)


def create(*, charge_point: ChargePoint, params: dict[str, Any], **common: Any) -> Command:
    """Queue it for the session's transaction. Raises Invalid, NotFound."""
    chosen = {"transaction_id": transaction_of(charge_point.pk, params), "allowed": params["allowed"]}
    return command_create(charge_point=charge_point, order=NAME, params=chosen, **common)


order(
    NAME,
    _("Allow ways of energy transfer"),
    explain=_("Tells which energy transfers a session may use, for example to give energy back."),
    form=TransferParams,
    group="smart charging",
    icon="sync_alt",
    create=create,
    again=True,
)


@command(NAME, versions=("2.1",))
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request."""
    params = command.params
    request = {"transactionId": params["transaction_id"], "allowedEnergyTransfer": params["allowed"]}
    return "NotifyAllowedEnergyTransfer", request


@answer_of("NotifyAllowedEnergyTransfer", versions=("2.1",))
def apply(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """Kept with the session."""
    return signal_answered(
        command=command,
        kind=SignalKind.TRANSFER,
        transaction_id=request["transactionId"],
        value={"allowed": request["allowedEnergyTransfer"]},
        status=answer["status"],
        now=now,
    )
