"""Remote stop: 1.6 RemoteStopTransaction (§5.12), 2.x RequestStopTransaction (F03)."""

from datetime import datetime
from typing import Any

from central.models import Command
from central.ocpp.router import command, command_answer


@command("remote_stop")
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request, by the charge point's own handle of the transaction."""
    transaction_id = str(command.params["transaction_id"])
    if version == "1.6":
        return "RemoteStopTransaction", {"transactionId": int(transaction_id)}
    return "RequestStopTransaction", {"transactionId": transaction_id}


@command_answer("remote_stop")
def apply(command: Command, answer: dict[str, Any], now: datetime) -> bool:
    """Accepted or not; the session ends when the charge point reports it."""
    return answer.get("status") == "Accepted"
