"""Version of the local list: 1.6 GetLocalListVersion (§5.10), 2.x GetLocalListVersion (D02)."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.ocpp.intents import answer_of, command, order
from central.services.local_lists import ASK, local_list_reported
from registry.rights import Right

order(
    ASK,
    _("Ask for the local list's version"),
    explain=_("Asks which list of tags it holds: 0 is none, -1 that it knows no such lists."),
    group="authorisation",
    icon="fact_check",
    right=Right.SERVICE,
)


@command(ASK)
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The question; it says nothing."""
    return "GetLocalListVersion", {}


@answer_of("GetLocalListVersion")
def apply(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """Keep the version; one that we did not give makes the list be sent anew where it is kept in step."""
    number = answer.get("listVersion", answer.get("versionNumber", 0))
    local_list_reported(charge_point_id=command.charge_point_id, version=int(number), now=now)
    return True
