"""Orders to charge points: rows that wait to be claimed (command_delivery) and keep what was answered."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from central.models import Command, IdToken, Session
from central.models.command import CommandState
from central.models.session import SessionState
from central.services.pace import BULK, pace_check
from central.services.whole_orders import FINAL, commands_of, first_of, part_add, whole_note
from central.signals import command_finished, command_queued
from emobility.lib.bell import after_commit, after_commit_each
from emobility.lib.errors import Conflict, Invalid
from registry.models import AuditEntry, ChargePoint, Event, User
from registry.services.audit import audit_entry

DEFAULT_TTL: Final = timedelta(minutes=5)
MOST_ATTEMPTS: Final = 10
PORTION: Final = 500
"""Commands that are taken back together: nobody waits longer than for these."""
REMOTE_START: Final = "remote_start"
REMOTE_STOP: Final = "remote_stop"


class QueueFull(Conflict):
    """The charge point has as many orders waiting as it may have."""

    code = "queue_full"


def command_create(
    *,
    charge_point: ChargePoint,
    order: str,
    params: Mapping[str, Any],
    requested_by: User | None = None,
    reason: str = "",
    source: str = "system",
    ttl: timedelta = DEFAULT_TTL,
    part_of: Command | None = None,
    now: datetime,
) -> Command:
    """Queue an order, valid for `ttl`, or one more message of the order `part_of`; the answer decides.

    Raises Conflict, QueueFull, and TooMany where a person orders more than OCPP_ORDERS_PER_MINUTE.
    """
    if not charge_point.is_registered:
        raise Conflict(str(_("This charge point is deregistered.")))
    with transaction.atomic():
        if requested_by is not None and source != BULK and part_of is None:
            pace_check(requested_by, now)
        ChargePoint.objects.select_for_update(no_key=True).get(pk=charge_point.pk)
        waiting = Command.objects.filter(
            charge_point=charge_point, state=CommandState.QUEUED, expires_at__gt=now
        )
        if waiting.count() >= settings.OCPP_COMMAND_QUEUE_LIMIT:
            raise QueueFull(str(_("Too many commands wait for this charge point already.")))
        command = Command.objects.create(
            organization_id=charge_point.organization_id,
            charge_point=charge_point,
            order=order,
            params=dict(params),
            requested_by=requested_by,
            reason=reason[:200],
            source=source,
            created_at=now,
            expires_at=now + ttl,
        )
        if part_of is not None:
            part_add(first=first_of(part_of), part=command)
        _record(command, "command.queued", requested_by or source, now)
        after_commit(command_queued, command_id=command.pk, charge_point_id=charge_point.pk)
    return command


def remote_start(
    *,
    charge_point: ChargePoint,
    id_tag: str,
    evse_number: int | None = None,
    requested_by: User | None = None,
    reason: str = "",
    source: str = "system",
    ttl: timedelta = DEFAULT_TTL,
    now: datetime,
) -> Command:
    """Order a start; a session begins when the charge point reports one. Raises Invalid, Conflict."""
    if not id_tag:
        raise Invalid(str(_("A tag is needed.")), {"id_tag": str(_("Say for whom."))})
    token = IdToken.objects.filter(organization=charge_point.organization_id, uid_key=id_tag.upper()).first()
    params = {
        "id_tag": token.uid if token else id_tag,
        "id_tag_type": token.token_type if token else "Central",
        "group": token.group.uid if token and token.group else "",
        "evse_number": evse_number,
    }
    return command_create(
        charge_point=charge_point,
        order=REMOTE_START,
        params=params,
        requested_by=requested_by,
        reason=reason,
        source=source,
        ttl=ttl,
        now=now,
    )


def remote_stop(
    *,
    session: Session,
    requested_by: User | None = None,
    reason: str = "",
    source: str = "system",
    ttl: timedelta = DEFAULT_TTL,
    now: datetime,
) -> Command:
    """Order the end of a session; it ends when the charge point reports it. Raises Conflict."""
    if session.state != SessionState.ACTIVE and not session.provisional_end:
        raise Conflict(str(_("This session has ended.")))
    return command_create(
        charge_point=session.charge_point,
        order=REMOTE_STOP,
        params={"session_id": session.pk, "transaction_id": session.transaction_id},
        requested_by=requested_by,
        reason=reason,
        source=source,
        ttl=ttl,
        now=now,
    )


def command_allow_attempts(*, command: Command, attempts: int) -> None:
    """Let an order be sent up to `attempts` times where no answer comes. Raises Invalid for too many."""
    if not 1 <= attempts <= MOST_ATTEMPTS:
        fault = str(_("Between 1 and {most} attempts.")).format(most=MOST_ATTEMPTS)
        raise Invalid(fault, {"attempts": fault})
    commands_of(command).update(max_attempts=attempts)
    command.max_attempts = attempts


def command_cancel(*, command: Command, requested_by: User | None = None, now: datetime) -> Command:
    """Take back what has not left yet of an order, or waits for another attempt. Raises Conflict."""
    with transaction.atomic():
        waiting = list(commands_of(command).filter(state=CommandState.QUEUED))
        taken = [each for each in waiting if _cancelled(each, now)]
        if not taken:
            raise Conflict(str(_("This command has left already.")))
        for each in taken:
            _record(each, "command.cancelled", requested_by or each.source, now)
    command.refresh_from_db()
    return command


def commands_cancel(*, waiting: QuerySet[Command], requested_by: User, now: datetime) -> int:
    """Take back those of `waiting` that have not left yet, a portion in each transaction; how many."""
    taken = 0
    while True:
        with transaction.atomic():
            queued = waiting.filter(state=CommandState.QUEUED).select_for_update(of=("self",))
            rows = list(queued.order_by("pk")[:PORTION])
            if not rows:
                return taken
            _cancel_locked(rows, requested_by, now)
        taken += len(rows)


def _cancel_locked(rows: Sequence[Command], requested_by: User, now: datetime) -> None:
    numbers = [row.pk for row in rows]
    Command.objects.filter(pk__in=numbers).update(state=CommandState.CANCELLED, finished_at=now)
    for row in {row.part_of_id or row.pk: row for row in rows}.values():
        whole_note(row)
    AuditEntry.objects.bulk_create([_audit_of(row, "command.cancelled", requested_by, now) for row in rows])
    Event.objects.bulk_create([_event_of(row, "command.cancelled", now) for row in rows])
    after_commit_each(command_finished, "command_id", numbers)


def command_retry(
    *, command: Command, requested_by: User | None = None, at_most: timedelta | None = None, now: datetime
) -> Command:
    """Queue the same order again, as a new command: of several parts those that were not accepted.

    It is valid as long as the first time, or `at_most`. Raises Conflict while the old one is under way.
    """
    first = first_of(command)
    if first.outcome not in FINAL:
        raise Conflict(str(_("This command is still under way.")))
    with transaction.atomic():
        made: Command | None = None
        for part in commands_to_repeat(first):
            again = _repeated(part, made, requested_by, at_most, now)
            made = made or again
        if made is None:
            raise Conflict(str(_("This command is gone.")))
        made.retry_of, made.max_attempts = first, first.max_attempts
        made.save(update_fields=["retry_of"])
        commands_of(made).update(max_attempts=first.max_attempts)
    made.refresh_from_db()
    return made


def commands_to_repeat(first: Command) -> list[Command]:
    """The parts of an order that were not accepted; all where each was."""
    parts = list(commands_of(first).select_related("charge_point"))
    return [part for part in parts if part.state != CommandState.ACCEPTED] or parts


def _repeated(
    part: Command,
    made: Command | None,
    requested_by: User | None,
    at_most: timedelta | None,
    now: datetime,
) -> Command:
    valid = part.expires_at - part.created_at
    return command_create(
        charge_point=part.charge_point,
        order=part.order,
        params=part.params,
        requested_by=requested_by,
        reason=part.reason,
        source="retry" if part.source == BULK else part.source,
        ttl=min(valid, at_most or valid),
        part_of=made,
        now=now,
    )


def _record(command: Command, act: str, actor: User | str, now: datetime) -> None:
    """Audit who ordered it, a person or a part of the platform (T20), and tell the fact."""
    _audit_of(command, act, actor, now).save(force_insert=True)
    _event_of(command, act, now).save(force_insert=True)


def _audit_of(command: Command, act: str, actor: User | str, now: datetime) -> AuditEntry:
    return audit_entry(
        actor=actor,
        action=f"{act}:{command.order}",
        organization_id=command.organization_id,
        object_type="charge_point",
        object_id=str(command.charge_point_id),
        after={"command": str(command.uid), **command.params},
        now=now,
    )


def _event_of(command: Command, act: str, now: datetime) -> Event:
    return Event(
        organization_id=command.organization_id,
        charge_point_id=command.charge_point_id,
        kind=act,
        subject=command.order,
        data={"command_id": command.pk, "uid": str(command.uid)},
        at=now,
    )


def _cancelled(command: Command, now: datetime) -> bool:
    """False where it left in this moment."""
    queued = Command.objects.filter(pk=command.pk, state=CommandState.QUEUED)
    changed = queued.update(state=CommandState.CANCELLED, finished_at=now)
    if changed:
        whole_note(command)
        after_commit(command_finished, command_id=command.pk)
    return changed == 1
