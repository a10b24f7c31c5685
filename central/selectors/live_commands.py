"""What became of commands that a live socket asked for."""

from collections.abc import Collection
from typing import Any, Final

from django.db.models import Q

from central.models import BulkCommand, BulkTarget, Command
from central.models.bulk_command import BulkState
from central.selectors.live_state import moment

MOST_TOLD: Final = 1000


def commands_told(
    command_ids: Collection[int], bulk_ids: Collection[int], only: Collection[int] | None = None
) -> list[tuple[int, int | None, dict[str, Any]]]:
    """(key, bulk command, what is told) of commands and of those of bulk commands; `only` some keys."""
    asked = Q(pk__in=sorted(command_ids))
    if bulk_ids:
        asked |= Q(bulk_target__bulk_id__in=sorted(bulk_ids))
    rows = Command.objects.filter(asked).select_related("charge_point", "bulk_target").order_by("pk")
    if only is not None:
        rows = rows.filter(pk__in=sorted(only))
    return [(row.pk, _bulk_of(row), command_told(row)) for row in rows[:MOST_TOLD]]


def bulks_open(bulk_ids: Collection[int]) -> set[int]:
    """Those bulk commands that still have something to order."""
    rows = BulkCommand.objects.filter(pk__in=sorted(bulk_ids), state=BulkState.RUNNING)
    return set(rows.values_list("pk", flat=True))


def command_told(command: Command) -> dict[str, Any]:
    """A command and its answer, as REST tells it."""
    return {
        "uid": str(command.uid),
        "charge_point": command.charge_point.cp_id,
        "order": command.order,
        "state": command.outcome,
        "action": command.action,
        "message_id": command.message_id,
        "answer": command.answer,
        "error": command.error,
        "finished_at": moment(command.finished_at),
    }


def targets_skipped(bulk: BulkCommand, limit: int) -> list[dict[str, str]]:
    """Whom a planned bulk command leaves out, and why."""
    rows = BulkTarget.objects.filter(bulk=bulk).exclude(skip_reason="").select_related("charge_point")
    return [{"charge_point": row.charge_point.cp_id, "reason": row.skip_reason} for row in rows[:limit]]


def _bulk_of(command: Command) -> int | None:
    target = getattr(command, "bulk_target", None)
    return target and target.bulk_id
