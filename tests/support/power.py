"""An order from its parameters to what its answer meant, without a socket; both are checked by schema."""

from typing import Any

from central.models import Command
from central.ocpp.intents import ANSWERS, BUILDERS
from central.ocpp.ordering import order_place
from central.ocpp.schemas import validate_request, validate_response
from registry.models import ChargePoint
from tests.support.handlers import NOW


def placed(charge_point: ChargePoint, order: str, now: Any = NOW, **params: Any) -> Command:
    """The queued command."""
    return order_place(charge_point=charge_point, order=order, params=params, now=now)


def built(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request that leaves."""
    action, payload = BUILDERS[version, command.order](version, command)
    validate_request(version, action, payload)
    return action, payload


def answered(version: str, command: Command, answer: dict[str, Any], now: Any = NOW) -> bool:
    """Whether the answer to it means that it was accepted; its meaning is applied."""
    action, payload = built(version, command)
    return meant(version, command, action, payload, answer, now)


def meant(
    version: str,
    command: Command,
    action: str,
    payload: dict[str, Any],
    answer: dict[str, Any],
    now: Any = NOW,
) -> bool:
    """The same for any request, as a raw one has it."""
    validate_response(version, action, answer)
    return ANSWERS[version, action](command, payload, answer, now)
