"""Priority charging: UsePriorityCharging (2.1 K21)."""

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

NAME = "priority_charging"


class PriorityParams(forms.Form):
    """The session by either handle, and whether it gets priority."""

    session = forms.UUIDField(label=_("Session"), required=False)
    transaction_id = forms.CharField(label=_("Transaction"), max_length=36, required=False)
    activate = forms.BooleanField(label=_("With priority"), required=False)

    def for_charge_point(self, charge_point: ChargePoint) -> None:
        """Offer what runs there."""
        offer_sessions(self, charge_point)


def create(*, charge_point: ChargePoint, params: dict[str, Any], **common: Any) -> Command:
    """Queue it for the session's transaction. Raises Invalid, NotFound."""
    chosen = {"transaction_id": transaction_of(charge_point.pk, params), "activate": params["activate"]}
    return command_create(charge_point=charge_point, order=NAME, params=chosen, **common)


order(
    NAME,
    _("Charge with priority"),
    explain=_("Lets a session charge by the charge point's profile for priority, or ends that."),
    form=PriorityParams,
    group="smart charging",
    icon="priority_high",
    create=create,
    again=True,
)


@command(NAME, versions=("2.1",))
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request."""
    params = command.params
    request = {"transactionId": params["transaction_id"], "activate": params["activate"]}
    return "UsePriorityCharging", request


@answer_of("UsePriorityCharging", versions=("2.1",))
def apply(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """Accepted, rejected, or there is no profile for it (K21.FR.01)."""
    return signal_answered(
        command=command,
        kind=SignalKind.PRIORITY,
        transaction_id=request["transactionId"],
        value={"activated": request["activate"]},
        status=answer["status"],
        now=now,
    )
