"""Orders at the level of builders: placed, built, answered; request and answer both checked by schema."""

from typing import Any

from central.models import Command
from central.ocpp.intents import ANSWERS, BUILDERS
from central.ocpp.ordering import order_place
from central.ocpp.schemas import validate_request, validate_response
from registry.models import ChargePoint
from tests.support.handlers import NOW


def placed(charge_point: ChargePoint, order: str, **params: Any) -> Command:
    """An order as people place it."""
    return order_place(charge_point=charge_point, order=order, params=params, now=NOW)


def built(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request that it becomes; ValueError where the version cannot carry it."""
    action, payload = BUILDERS[version, command.order](version, command)
    validate_request(version, action, payload)
    return action, payload


def answered(version: str, command: Command, answer: dict[str, Any]) -> bool:
    """Whether the answer means yes; what else it means is applied."""
    action, payload = built(version, command)
    validate_response(version, action, answer)
    apply = ANSWERS.get((version, action))
    return answer["status"] == "Accepted" if apply is None else apply(command, payload, answer, NOW)
