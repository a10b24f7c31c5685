"""The way of an order over the wire: claimed by one socket, sent, answered, timed out, or lost under way."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet

from central.models import ChargePointStatus, Command
from central.models.command import CommandState
from central.services.prepared import Prepared
from central.services.whole_orders import whole_note
from central.signals import command_finished, command_queued
from emobility.lib.bell import after_commit
from registry.services.events import event_append

LOST_AFTER: Final = 3
"""A sent order of a process that died is lost after this many time limits."""
FIRST_PAUSE: Final = timedelta(seconds=10)
"""Before the second attempt; twice as long before each further one, up to LONGEST_PAUSE."""
LONGEST_PAUSE: Final = timedelta(minutes=5)
_CANDIDATES: Final = 5


def commands_wait(charge_point_ids: Collection[int]) -> set[int]:
    """Those of the charge points with a waiting order, valid or not: the cheap look before the claim."""
    return _with(charge_point_ids, CommandState.QUEUED)


def commands_under_way(charge_point_ids: Collection[int]) -> set[int]:
    """Those of the charge points that were sent an order whose answer is still missing."""
    return _with(charge_point_ids, CommandState.SENT)


def _with(charge_point_ids: Collection[int], state: CommandState) -> set[int]:
    if not charge_point_ids:
        return set()
    return {number for (number,) in _ordered.rows(numbers=sorted(charge_point_ids), state=state.value)}


_ordered: Final = Prepared(
    lambda numbers, state: (
        Command.objects.filter(charge_point_id__among=numbers, state=state)
        .order_by()
        .values_list("charge_point_id")
        .distinct()
    )
)


def command_claim_next(
    *, charge_point_id: int, connection_id: UUID, version: str, now: datetime
) -> Command | None:
    """Claim the oldest valid order for a connection: exactly one claimer wins.

    None where nothing waits, where the connection does not own the charge point any more, or while an order
    of this connection is open (one CALL at a time). Expired orders are finished on the way.
    """
    with transaction.atomic():
        owner = ChargePointStatus.objects.filter(charge_point_id=charge_point_id, connection_id=connection_id)
        of_charge_point = Command.objects.filter(charge_point_id=charge_point_id)
        is_open = of_charge_point.filter(connection_id=connection_id, state=CommandState.SENT)
        if not owner.exists() or is_open.exists():
            return None
        queued = of_charge_point.filter(state=CommandState.QUEUED)
        _expire(queued.filter(expires_at__lte=now), now)
        due = queued.filter(Q(not_before=None) | Q(not_before__lte=now))
        for pk in due.order_by("pk").values_list("pk", flat=True)[:_CANDIDATES]:
            claimed = queued.filter(pk=pk).update(
                state=CommandState.SENT, connection_id=connection_id, sent_at=now, attempts=F("attempts") + 1
            )
            if claimed:
                command = Command.objects.get(pk=pk)
                whole_note(command)
                return command
    return None


def command_sent(
    *, command_id: int, message_id: str, action: str, request: dict[str, Any], now: datetime
) -> None:
    """Note what is about to leave (secrets masked by the caller)."""
    Command.objects.filter(pk=command_id).update(
        message_id=message_id, action=action, request=request, sent_at=now
    )


def command_answered(
    *,
    command_id: int,
    answer: dict[str, Any] | None,
    error: str = "",
    accepted: bool = False,
    passing: bool = False,
    now: datetime,
) -> None:
    """Record an answer: accepted, rejected, or failed with `error` (`passing`: one more try may do better).

    A late one (timed out, unknown) is recorded too, but the state stays: who asked was told so. A late yes to
    an order that waits for its next attempt settles it.
    """
    state = CommandState.ACCEPTED if accepted else CommandState.REJECTED
    if error:
        state = CommandState.FAILED
    with transaction.atomic():
        command = Command.objects.select_for_update().get(pk=command_id)
        if command.state == CommandState.SENT and passing and _again(command, now, error):
            return
        if command.state == CommandState.SENT or (_waits_again(command) and accepted):
            command.state = state
            command.finished_at = now
        elif (
            command.state not in {CommandState.TIMED_OUT, CommandState.UNKNOWN} or command.answer is not None
        ):
            return
        command.answer = answer
        command.error = error[:255]
        command.not_before = None
        command.save(update_fields=["state", "finished_at", "answer", "error", "not_before"])
        whole_note(command)
        _tell(command, now)


def _waits_again(command: Command) -> bool:
    return command.state == CommandState.QUEUED and command.attempts > 0


def command_timed_out(*, command_id: int, now: datetime) -> None:
    """No answer in time."""
    _finish(Command.objects.filter(pk=command_id), CommandState.TIMED_OUT, now)


def command_unknown(*, charge_point_id: int, keep_connection_id: UUID | None, now: datetime) -> None:
    """Orders under way on connections other than `keep_connection_id`: whether they arrived, nobody knows."""
    lost = Command.objects.filter(charge_point_id=charge_point_id)
    if keep_connection_id is not None:
        lost = lost.exclude(connection_id=keep_connection_id)
    _finish(lost, CommandState.UNKNOWN, now)


def commands_sweep(*, now: datetime) -> int:
    """Expire orders whose time is up, and give up those whose process died under way; how many."""
    silent = now - timedelta(seconds=LOST_AFTER * settings.OCPP_COMMAND_TIMEOUT)
    due = Command.objects.filter(state=CommandState.QUEUED, expires_at__lte=now)
    lost = Command.objects.filter(sent_at__lte=silent)
    return _expire(due, now) + _finish(lost, CommandState.UNKNOWN, now)


def _expire(due: QuerySet[Command], now: datetime) -> int:
    return _change(due.filter(state=CommandState.QUEUED), CommandState.EXPIRED, now)


def _finish(commands: QuerySet[Command], state: CommandState, now: datetime) -> int:
    return _change(commands.filter(state=CommandState.SENT), state, now)


def _change(commands: QuerySet[Command], state: CommandState, now: datetime) -> int:
    if not commands.exists():
        return 0
    with transaction.atomic():
        rows = list(commands.select_for_update().order_by("pk")[:1000])
        for command in rows:
            if state != CommandState.EXPIRED and _again(command, now, state.label):
                continue
            command.state, command.finished_at = state, now
            command.save(update_fields=["state", "finished_at"])
            whole_note(command)
            _tell(command, now)
    return len(rows)


def _again(command: Command, now: datetime, why: Any) -> bool:
    """Queue an attempt that came to nothing once more, after a pause; False where none is left."""
    pause = min(FIRST_PAUSE * 2 ** (max(command.attempts, 1) - 1), LONGEST_PAUSE)
    if command.attempts >= command.max_attempts or now + pause >= command.expires_at:
        return False
    command.state, command.not_before, command.connection_id = CommandState.QUEUED, now + pause, None
    command.error = str(why)[:255]
    command.save(update_fields=["state", "not_before", "connection_id", "error"])
    whole_note(command)
    event_append(
        organization_id=command.organization_id,
        charge_point_id=command.charge_point_id,
        kind="command.tried_again",
        subject=command.order,
        data={"command_id": command.pk, "uid": str(command.uid), "attempts": command.attempts},
        now=now,
    )
    after_commit(command_queued, command_id=command.pk, charge_point_id=command.charge_point_id)
    return True


def _tell(command: Command, now: datetime) -> None:
    event_append(
        organization_id=command.organization_id,
        charge_point_id=command.charge_point_id,
        kind=f"command.{command.state}",
        subject=command.order,
        data={"command_id": command.pk, "uid": str(command.uid)},
        now=now,
    )
    after_commit(command_finished, command_id=command.pk)
