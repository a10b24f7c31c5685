"""Bulk commands: planned with their targets, confirmed by a person, released in portions, taken back."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from central.models import BulkCommand, BulkTarget, Command
from central.models.bulk_command import BulkState, TargetState
from central.models.command import CommandState
from central.services.commands import commands_cancel
from central.services.pace import pace_check
from emobility.lib.addresses import public_value
from emobility.lib.errors import Conflict, Invalid
from registry.models import User
from registry.services.audit import audit_record
from registry.services.events import event_append

MOST_TARGETS: Final = 50_000


def bulk_plan(
    *,
    organization_id: int,
    order: str,
    params: Mapping[str, Any],
    selection: Mapping[str, Any],
    targets: Sequence[tuple[int, str]],
    requested_by: User | None,
    reason: str = "",
    valid_seconds: int,
    max_attempts: int,
    now: datetime,
) -> BulkCommand:
    """Write down what shall go to whom: `targets` are (charge point, why it is skipped or '').

    Nothing leaves before it is confirmed. Raises Invalid for no target and for too many.
    """
    if not targets:
        raise Invalid(_("No charge point fits the selection."), {"selection": _("Nothing fits.")})
    if len(targets) > MOST_TARGETS:
        fault = _("At most {most} at once.").format(most=MOST_TARGETS)
        raise Invalid(fault, {"selection": fault})
    shown = public_value(dict(params))
    with transaction.atomic():
        bulk = BulkCommand.objects.create(
            organization_id=organization_id,
            order=order,
            params=shown,
            asked="" if shown == dict(params) else json.dumps(params),
            selection=dict(selection),
            requested_by=requested_by,
            reason=reason[:200],
            valid_seconds=valid_seconds,
            max_attempts=max_attempts,
            created_at=now,
        )
        BulkTarget.objects.bulk_create([_target(bulk, *target) for target in targets], batch_size=500)
    return bulk


def _target(bulk: BulkCommand, charge_point_id: int, skipped: str) -> BulkTarget:
    state = TargetState.SKIPPED if skipped else TargetState.WAITING
    return BulkTarget(bulk=bulk, charge_point_id=charge_point_id, state=state, skip_reason=skipped[:200])


def bulk_confirm(*, bulk: BulkCommand, requested_by: User, now: datetime) -> BulkCommand:
    """Let a planned bulk command run; for the person's pace it is one order. Raises Conflict, TooMany."""
    with transaction.atomic():
        pace_check(requested_by, now)
        planned = BulkCommand.objects.filter(pk=bulk.pk, state=BulkState.PLANNED)
        changed = planned.update(
            state=BulkState.RUNNING, confirmed_at=now, next_at=now, requested_by=requested_by
        )
        if not changed:
            raise Conflict(_("It was confirmed or cancelled already."))
        _record(bulk, "bulk_command.confirmed", requested_by, now)
    bulk.refresh_from_db()
    return bulk


def bulk_params(bulk: BulkCommand) -> dict[str, Any]:
    """The parameters as charge points need them."""
    return dict(json.loads(bulk.asked) if bulk.asked else bulk.params)


def bulk_claim(*, bulk_id: int | None = None, now: datetime) -> BulkCommand | None:
    """The next running bulk command whose portion is due, for one worker alone; None where none is."""
    due = BulkCommand.objects.filter(state=BulkState.RUNNING, next_at__lte=now).order_by("next_at")
    if bulk_id is not None:
        due = due.filter(pk=bulk_id)
    for found in due[:10]:
        same = BulkCommand.objects.filter(pk=found.pk, state=BulkState.RUNNING, next_at=found.next_at)
        if same.update(next_at=now + timedelta(seconds=settings.OCPP_BULK_PAUSE)):
            return found
    return None


def bulk_portion(bulk: BulkCommand) -> list[int]:
    """The targets of the next portion, oldest first."""
    waiting = BulkTarget.objects.filter(bulk=bulk, state=TargetState.WAITING).order_by("pk")
    return list(waiting.values_list("pk", flat=True)[: settings.OCPP_BULK_PORTION])


def bulk_target_settle(*, target_id: int, command: Command | None, skipped: str = "") -> None:
    """Note the command of a target, or why there is none."""
    state = TargetState.SKIPPED if command is None else TargetState.ORDERED
    BulkTarget.objects.filter(pk=target_id).update(state=state, command=command, skip_reason=skipped[:200])


def bulk_finish(*, bulk: BulkCommand, now: datetime) -> bool:
    """Done where no target waits any more; the commands go their own way from there."""
    if BulkTarget.objects.filter(bulk=bulk, state=TargetState.WAITING).exists():
        return False
    running = BulkCommand.objects.filter(pk=bulk.pk, state=BulkState.RUNNING)
    return running.update(state=BulkState.DONE, finished_at=now, next_at=None, asked="") == 1


def bulk_cancel(*, bulk: BulkCommand, requested_by: User, now: datetime) -> BulkCommand:
    """Order nothing more and take back what still waits. Raises Conflict where nothing is left to cancel.

    What was interrupted on the way may be asked for again.
    """
    mine = Q(bulk_target__bulk=bulk) | Q(part_of__bulk_target__bulk=bulk)
    queued = Command.objects.filter(mine, state=CommandState.QUEUED)
    with transaction.atomic():
        open_ = BulkCommand.objects.filter(pk=bulk.pk).exclude(state=BulkState.CANCELLED)
        changed = open_.update(state=BulkState.CANCELLED, finished_at=now, next_at=None, asked="")
        waiting = BulkTarget.objects.filter(bulk=bulk, state=TargetState.WAITING)
        left = waiting.update(state=TargetState.SKIPPED, skip_reason=_("Cancelled before it was ordered."))
        if not left and not queued.exists():
            raise Conflict(_("Everything has left already.") if changed else _("It is cancelled already."))
        # What is under way now has its last attempt.
        Command.objects.filter(mine, state=CommandState.SENT).update(max_attempts=F("attempts"))
        _record(bulk, "bulk_command.cancelled", requested_by, now)
    commands_cancel(waiting=queued, requested_by=requested_by, now=now)
    bulk.refresh_from_db()
    return bulk


def _record(bulk: BulkCommand, act: str, actor: User, now: datetime) -> None:
    audit_record(
        actor=actor,
        action=f"{act}:{bulk.order}",
        organization_id=bulk.organization_id,
        object_type="bulkcommand",
        object_id=str(bulk.uid),
        after={"selection": bulk.selection, "params": bulk.params},
        now=now,
    )
    event_append(
        organization_id=bulk.organization_id,
        kind=act,
        subject=bulk.order,
        data={"uid": str(bulk.uid)},
        now=now,
    )
