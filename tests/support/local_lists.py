"""A charge point that answers orders about its local list, at the level of handlers."""

from datetime import datetime
from typing import Any

from central.models import ChargePointStatus, Command
from central.models.command import CommandState
from central.ocpp.intents import ANSWERS, BUILDERS
from central.ocpp.schemas import validate_request, validate_response
from central.receivers_tokens import end_local_list
from registry.models import ChargePoint
from tests.support.handlers import NOW

Payload = dict[str, Any]


class Charger:
    """What the charge point does with orders, without a socket."""

    def __init__(self, charge_point: ChargePoint, version: str) -> None:
        self.charge_point, self.version = charge_point, version
        self.sent: list[Payload] = []
        ChargePointStatus.objects.update_or_create(
            charge_point=charge_point,
            defaults={
                "connection_id": "00000000-0000-0000-0000-000000000001",
                "boot_status": "Accepted",
                "ocpp_version": version,
            },
        )

    def take(self, answer: str | int = "Accepted", now: datetime = NOW) -> Payload | None:
        """Serve the next order with this answer; a number answers the question for the version."""
        command = Command.objects.filter(state=CommandState.QUEUED).order_by("pk").first()
        if command is None:
            return None
        action, payload = BUILDERS[self.version, command.order](self.version, command)
        validate_request(self.version, action, payload)
        self.sent.append(payload)
        name = "listVersion" if self.version == "1.6" else "versionNumber"
        told: Payload = {name: answer} if isinstance(answer, int) else {"status": answer}
        validate_response(self.version, action, told)
        accepted = ANSWERS[self.version, action](command, payload, told, now)
        state = CommandState.ACCEPTED if accepted else CommandState.REJECTED
        Command.objects.filter(pk=command.pk).update(state=state, finished_at=now)
        return payload

    def fail(self, state: str = CommandState.FAILED, error: str = "") -> None:
        """The next order ends without an answer."""
        command = Command.objects.filter(state=CommandState.QUEUED).earliest("pk")
        Command.objects.filter(pk=command.pk).update(state=state, error=error)
        end_local_list(command_id=command.pk)

    def tags(self, payload: Payload) -> list[str]:
        """The tags of a message, those taken off with a minus."""
        found = []
        for entry in payload.get("localAuthorizationList", ()):
            uid = entry.get("idTag") or entry["idToken"]["idToken"]
            stays = "idTagInfo" in entry or "idTokenInfo" in entry
            found.append(uid if stays else f"-{uid}")
        return found

    def kind(self, payload: Payload) -> tuple[str, int]:
        """(Full or Differential, version number)."""
        number = payload["listVersion" if self.version == "1.6" else "versionNumber"]
        return payload["updateType"], number
