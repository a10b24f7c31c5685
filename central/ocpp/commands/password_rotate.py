"""A new password for Basic authentication (A01): 1.6 AuthorizationKey as hex, 2.x BasicAuthPassword."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.ocpp.intents import answer_to, command, order
from central.services.password_rotations import (
    ROTATE,
    rotation_answered,
    rotation_leave,
    rotation_request,
)
from registry.rights import Right

order(
    ROTATE,
    _("Rotate password"),
    explain=_(
        "Gives the charge point a new random password. Both are good until it used one of them, so that it is"
        " never locked out."
    ),
    right=Right.ENROL,
    group="security",
    icon="password",
    create=rotation_request,
)


@command(ROTATE)
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The new password: 20 random bytes as 40 hex digits, which fits every version."""
    password = rotation_leave(command=command, now=command.sent_at or command.created_at)
    if version == "1.6":
        return "ChangeConfiguration", {"key": "AuthorizationKey", "value": password}
    data = {
        "component": {"name": "SecurityCtrlr"},
        "variable": {"name": "BasicAuthPassword"},
        "attributeValue": password,
    }
    return "SetVariables", {"setVariableData": [data]}


@answer_to(ROTATE)
def apply(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """Accepted: the old one is dead. RebootRequired: both live. Anything else: the old one lives."""
    results = answer.get("setVariableResult") or [{}]
    status = answer.get("status") or results[0].get("attributeStatus", "")
    return rotation_answered(command_id=command.pk, status=str(status), now=now)
