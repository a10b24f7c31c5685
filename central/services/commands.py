"""Orders to charge points: rows that wait to be claimed (command_delivery) and keep what was answered."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from central.models import BulkCommand, Command, IdToken, Session
from central.models.command import CommandState
from central.models.session import SessionState
from central.signals import command_finished, command_queued
from emobility.lib.bell import after_commit
from emobility.lib.errors import Conflict, Invalid, TooMany
from registry.models import ChargePoint, User
from registry.services.audit import audit_record
from registry.services.events import event_append

DEFAULT_TTL: Final = timedelta(minutes=5)
ORDERS_A_MINUTE: Final = 60
MOST_ATTEMPTS: Final = 10
BULK: Final = "bulk"
"""The source of commands that a bulk command made: for a person's pace the bulk counts, once."""
REMOTE_START: Final = "remote_start"
REMOTE_STOP: Final = "remote_stop"
FINAL: Final = frozenset(CommandState.values) - {CommandState.QUEUED, CommandState.SENT}


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
    now: datetime,
) -> Command:
    """Queue an order, valid for `ttl`; the charge point's answer decides.

    Raises Conflict, QueueFull, and TooMany where a person orders more than ORDERS_A_MINUTE.
    """
    if not charge_point.is_registered:
        raise Conflict(str(_("This charge point is deregistered.")))
    if requested_by is not None and source != BULK:
        pace_check(requested_by, now)
    with transaction.atomic():
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
    command.max_attempts = attempts
    command.save(update_fields=["max_attempts"])


def command_cancel(*, command: Command, requested_by: User | None = None, now: datetime) -> Command:
    """Take back an order that has not left yet, or waits for another attempt. Raises Conflict."""
    with transaction.atomic():
        if not _finish(command.pk, {CommandState.QUEUED}, CommandState.CANCELLED, now=now):
            raise Conflict(str(_("This command has left already.")))
        _record(command, "command.cancelled", requested_by or "system", now)
    command.refresh_from_db()
    return command


def command_retry(*, command: Command, requested_by: User | None = None, now: datetime) -> Command:
    """Queue the same order again, as a new command. Raises Conflict while the old one is under way."""
    if command.state not in FINAL:
        raise Conflict(str(_("This command is still under way.")))
    with transaction.atomic():
        again = command_create(
            charge_point=command.charge_point,
            order=command.order,
            params=command.params,
            requested_by=requested_by,
            reason=command.reason,
            source="retry" if command.source == BULK else command.source,
            ttl=command.expires_at - command.created_at,
            now=now,
        )
        again.retry_of, again.max_attempts = command, command.max_attempts
        again.save(update_fields=["retry_of", "max_attempts"])
    return again


def pace_check(person: User, now: datetime) -> None:
    """Raise TooMany where a person ordered ORDERS_A_MINUTE times in a minute; a bulk command counts once."""
    since = now - timedelta(minutes=1)
    single = Command.objects.filter(requested_by=person, created_at__gt=since).exclude(source=BULK)
    bulks = BulkCommand.objects.filter(requested_by=person, confirmed_at__gt=since)
    if single.count() + bulks.count() >= ORDERS_A_MINUTE:
        raise TooMany(str(_("Too many commands in a minute.")))


def _record(command: Command, act: str, actor: User | str, now: datetime) -> None:
    """Audit what a person ordered; a fact for everybody else."""
    if isinstance(actor, User):
        audit_record(
            actor=actor,
            action=f"{act}:{command.order}",
            organization_id=command.organization_id,
            object_type="charge_point",
            object_id=str(command.charge_point_id),
            after={"command": str(command.uid), **command.params},
            now=now,
        )
    event_append(
        organization_id=command.organization_id,
        charge_point_id=command.charge_point_id,
        kind=act,
        subject=command.order,
        data={"command_id": command.pk, "uid": str(command.uid)},
        now=now,
    )


def _finish(command_id: int, states: set[CommandState], state: CommandState, *, now: datetime) -> bool:
    changed = Command.objects.filter(pk=command_id, state__in=states).update(state=state, finished_at=now)
    if changed:
        after_commit(command_finished, command_id=command_id)
    return changed == 1
