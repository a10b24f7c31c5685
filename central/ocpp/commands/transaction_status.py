"""Transaction status: GetTransactionStatus, does it go on, do messages wait there? (2.x E14)."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.ocpp.handles import transaction_handle
from central.ocpp.intents import answer_of, command, order
from central.services.commands import command_create
from central.services.transaction_checks import transaction_check_record
from registry.models import ChargePoint
from registry.rights import Right

ORDER = "transaction_status"


class StatusParams(forms.Form):
    """Which transaction: none asks whether any message waits."""

    transaction = forms.CharField(
        label=_("Session or transaction"),
        max_length=36,
        required=False,
        help_text=_(
            "Our session's id or the charge point's transaction id; any waiting message where left out."
        ),
    )


def create(*, charge_point: ChargePoint, params: dict[str, Any], **common: Any) -> Command:
    """Queue the question with the charge point's own handle."""
    named = params.get("transaction", "")
    handle = transaction_handle(charge_point.pk, named) if named else ""
    return command_create(
        charge_point=charge_point, order=ORDER, params={"transaction": handle} if handle else {}, **common
    )


order(
    ORDER,
    _("Ask about a transaction"),
    explain=_(
        "Asks whether a transaction goes on, and whether messages about it still wait at the charge point."
    ),
    form=StatusParams,
    icon="contact_support",
    create=create,
    again=True,
    right=Right.SERVICE,
)


@command(ORDER, versions=("2.0.1", "2.1"))
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request."""
    handle = command.params.get("transaction")
    return "GetTransactionStatus", {"transactionId": handle} if handle else {}


@answer_of("GetTransactionStatus", versions=("2.0.1", "2.1"))
def apply(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """Kept as a check; every answer is one."""
    transaction_check_record(
        charge_point_id=command.charge_point_id,
        organization_id=command.organization_id,
        transaction_id=request.get("transactionId", ""),
        ongoing=answer.get("ongoingIndicator"),
        messages_in_queue=answer["messagesInQueue"],
        command_id=command.pk,
        now=now,
    )
    return True
