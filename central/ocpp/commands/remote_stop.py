"""Remote stop: 1.6 RemoteStopTransaction (§5.12), 2.x RequestStopTransaction (F03).

The session ends when the charge point reports it, not with the answer.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.ocpp.intents import command, order
from central.ocpp.session_choice import SessionFields, chosen_session
from central.services.commands import REMOTE_STOP, remote_stop
from registry.models import ChargePoint


def create(*, charge_point: ChargePoint, params: dict[str, Any], **common: Any) -> Command:
    """Queue the end of a session. Raises Invalid, NotFound, Conflict."""
    return remote_stop(session=chosen_session(charge_point, params), **common)


order(
    REMOTE_STOP,
    _("Stop charging"),
    explain=_("Asks the charge point to end a session. The driver's car stops charging."),
    form=SessionFields,
    icon="stop",
    danger=True,
    create=create,
    again=True,
)


@command(REMOTE_STOP)
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request, by the charge point's own handle of the transaction."""
    transaction_id = str(command.params["transaction_id"])
    if version == "1.6":
        return "RemoteStopTransaction", {"transactionId": int(transaction_id)}
    return "RequestStopTransaction", {"transactionId": transaction_id}
