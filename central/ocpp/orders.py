"""Orders on their way: a claimed command becomes a request, an outcome becomes its result. Sync."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

import structlog
from django.db import DatabaseError, transaction

from central.models import Command
from central.ocpp import frames, message_log
from central.ocpp.building import NotBuilt, request_build
from central.ocpp.errors import (
    FORMAT,
    NOT_IMPLEMENTED,
    NOT_SUPPORTED,
    OCCURRENCE,
    PROPERTY,
    TYPE,
    understood,
)
from central.ocpp.intents import ANSWERS, ORDER_ANSWERS, Apply
from central.ocpp.link import Outcome
from central.ocpp.masking import masked
from central.ocpp.message_log import IN, OUT, Row
from central.ocpp.pending import FOR_DRIVERS
from central.services.acceptance import waits_for_acceptance
from central.services.command_delivery import (
    command_answered,
    command_claim_next,
    command_sent,
    commands_wait,
)
from emobility.lib.errors import DomainError

log = structlog.get_logger(__name__)

LASTING: Final = frozenset({FORMAT, NOT_IMPLEMENTED, NOT_SUPPORTED, OCCURRENCE, PROPERTY, TYPE})
"""Errors that the same request will meet again: no further attempt is made."""


@dataclass(frozen=True, slots=True)
class Order:
    """A claimed command as the request that leaves now."""

    command: Command
    connection_id: UUID
    version: str
    message_id: str
    action: str
    payload: dict[str, Any]


def order_prepare(*, charge_point_id: int, connection_id: UUID, version: str, now: datetime) -> Order | None:
    """Claim the next command and note what leaves; what cannot be built fails and the next one is tried."""
    if not commands_wait([charge_point_id]):
        return None
    while True:
        with transaction.atomic():
            command = command_claim_next(
                charge_point_id=charge_point_id, connection_id=connection_id, version=version, now=now
            )
            if command is None:
                return None
            try:
                action, payload = _built(version, command)
            except NotBuilt as error:
                command_answered(command_id=command.pk, answer=None, error=str(error), now=now)
                continue
            order = Order(command, connection_id, version, uuid4().hex, action, payload)
            _note_leaving(order, now)
            return order


def order_record(order: Order, outcome: Outcome, now: datetime) -> None:
    """Record the outcome of an order: what its answer means, or the error that came instead."""
    command = order.command
    error = f"{outcome.code}: {outcome.description}".strip(": ") if outcome.code else ""
    accepted = False
    with transaction.atomic():
        _log_answer(order, outcome, now)
        if not error:
            accepted, error = _applied(order, outcome.payload or {}, now)
        command_answered(
            command_id=command.pk,
            answer=masked(order.action, outcome.payload),
            error=error,
            accepted=accepted,
            passing=bool(outcome.code) and understood(outcome.code) not in LASTING,
            now=now,
        )


def _built(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    action, payload = request_build(version, command)
    if action in FOR_DRIVERS and waits_for_acceptance(command.charge_point_id):
        raise NotBuilt("The charge point waits to be accepted.")
    return action, payload


def _note_leaving(order: Order, now: datetime) -> None:
    command = order.command
    request = masked(order.action, order.payload)
    command_sent(
        command_id=command.pk, message_id=order.message_id, action=order.action, request=request, now=now
    )
    row = Row(
        command.charge_point_id,
        order.connection_id,
        OUT,
        frames.CALL,
        order.action,
        order.message_id,
        order.payload,
        now,
    )
    message_log.write([row])


def _log_answer(order: Order, outcome: Outcome, now: datetime) -> None:
    kind = frames.RESULT if outcome.payload is not None else frames.ERROR
    row = Row(
        order.command.charge_point_id,
        order.connection_id,
        IN,
        kind,
        order.action,
        order.message_id,
        outcome.payload,
        now,
        outcome.code,
    )
    message_log.write([row])


def _applied(order: Order, answer: dict[str, Any], now: datetime) -> tuple[bool, str]:
    """(accepted, error): what the answer means for the action, then for the order; else `status`."""
    meanings = {ANSWERS.get((order.version, order.action)): 1, ORDER_ANSWERS.get(order.command.order): 2}
    try:
        with transaction.atomic():
            return _told(order, [apply for apply in meanings if apply], answer, now), ""
    except DatabaseError:
        raise
    except DomainError as error:
        return False, error.message
    except Exception:
        # The charge point did answer; that we could not use it is told, not repeated.
        log.exception("ocpp.answer_not_applied", order=order.command.order, command=order.command.pk)
        return False, "The answer could not be applied."


def _told(order: Order, meanings: Sequence[Apply], answer: dict[str, Any], now: datetime) -> bool:
    accepted: bool = answer.get("status", "Accepted") == "Accepted"
    for apply in meanings:
        accepted = apply(order.command, order.payload, answer, now)
    return accepted
