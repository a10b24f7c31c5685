"""Reports in parts: collected in any order, kept with their gaps, given up in the end (2.x B07, B08, N02)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from central.models import Command, DeviceReport, Variable, VariableMonitor
from central.models.device_report import MOST_PARTS, ReportKind, ReportState
from central.services.variables import charge_point_lock
from registry.services.events import event_append

OPEN: Final = (ReportState.ANNOUNCED, ReportState.COLLECTING)
FULL: Final = "FullInventory"
"""The base report that names everything (2.x B07.FR.08)."""
_GIVEN_UP_AT_ONCE: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One message of a report; `digest` is that of its content, `numbers` the monitors that it names."""

    kind: ReportKind
    number: int
    seq_no: int
    more: bool
    digest: str
    items: int
    generated_at: datetime | None = None
    numbers: Sequence[int] = field(default_factory=tuple)


def report_announced(
    *,
    command: Command,
    kind: ReportKind,
    number: int,
    base: str,
    criteria: Mapping[str, Any] | None = None,
    word: str,
    now: datetime,
) -> bool:
    """Note the answer to our request for a report; True where it will come, or has nothing to say."""
    state = {"Accepted": ReportState.ANNOUNCED, "EmptyResultSet": ReportState.EMPTY}.get(
        word, ReportState.REFUSED
    )
    with transaction.atomic():
        charge_point_lock(command.charge_point_id)
        row = _latest(command.charge_point_id, kind, number)
        if row is None or row.command_id or row.opened_at < command.created_at:
            row = DeviceReport(charge_point_id=command.charge_point_id, kind=kind, number=number)
            row.opened_at = row.heard_at = now
            row.state = state
            row.finished_at = None if state in OPEN else now
        row.command, row.base, row.criteria, row.word = command, base[:30], dict(criteria or {}), word[:20]
        row.save()
        if row.state in (ReportState.COMPLETE, ReportState.EMPTY):
            _settle_monitors(row, now)
            variables_settle(report=row, now=now)
    return state != ReportState.REFUSED


def report_part_take(*, charge_point_id: int, part: Part, now: datetime) -> DeviceReport | None:
    """Note a part; answers its report, or None where the very same came before and changes nothing.

    A report that nobody asked for gets a row of its own, and so does a number that is used again.
    """
    with transaction.atomic():
        charge_point_lock(charge_point_id)
        row = _latest(charge_point_id, part.kind, part.number)
        if row is not None and row.parts.get(str(part.seq_no)) == part.digest:
            return None
        if row is None or _is_over(row, part):
            row = DeviceReport(charge_point_id=charge_point_id, kind=part.kind, number=part.number)
            row.opened_at = now
        _add(row, part, now)
        if row.is_whole:
            row.state, row.finished_at = ReportState.COMPLETE, now
        row.save()
        if row.state == ReportState.COMPLETE:
            _settle_monitors(row, now)
            _tell(row, now)
    return row


def variables_settle(*, report: DeviceReport, now: datetime) -> int:
    """Mark the variables that a whole report of everything leaves out; how many. Call it when all is kept.

    They stay: a person should see that they are no longer named, and what they were. A report with gaps, or
    of a part of the device model, says nothing of what it leaves out.
    """
    if report.state != ReportState.COMPLETE or report.base != FULL or report.kind != ReportKind.VARIABLES:
        return 0
    known = Variable.objects.filter(charge_point_id=report.charge_point_id, unnamed_since=None)
    return known.filter(told_at__lt=report.opened_at).update(unnamed_since=now)


def reports_give_up(*, now: datetime, after: timedelta) -> int:
    """Keep what came of reports that were silent for `after`, and say that it is not all; how many."""
    silent = DeviceReport.objects.filter(state__in=OPEN, heard_at__lte=now - after)
    given_up = 0
    for pk in silent.order_by("pk").values_list("pk", flat=True)[:_GIVEN_UP_AT_ONCE]:
        with transaction.atomic():
            row = silent.select_for_update(of=("self",)).select_related("charge_point").filter(pk=pk).first()
            if row is not None:
                row.state, row.finished_at = ReportState.INCOMPLETE, now
                row.save(update_fields=["state", "finished_at"])
                _tell(row, now)
                given_up += 1
    return given_up


def _latest(charge_point_id: int, kind: ReportKind, number: int) -> DeviceReport | None:
    rows = DeviceReport.objects.filter(charge_point_id=charge_point_id, kind=kind, number=number)
    return rows.order_by("-pk").first()


def _is_over(row: DeviceReport, part: Part) -> bool:
    """A finished report does not begin again: other content under its number is another report."""
    return row.state == ReportState.COMPLETE or (row.command_id is None and str(part.seq_no) in row.parts)


def _add(row: DeviceReport, part: Part, now: datetime) -> None:
    if len(row.parts) < MOST_PARTS:
        row.parts = row.parts | {str(part.seq_no): part.digest}
    if not part.more:
        row.last_part = part.seq_no
    row.items += part.items
    row.seen = sorted({*row.seen, *part.numbers})
    row.generated_at = part.generated_at or row.generated_at
    row.heard_at, row.state, row.finished_at = now, ReportState.COLLECTING, None


def _settle_monitors(row: DeviceReport, now: datetime) -> None:
    """Monitors that a whole report of all of them leaves out are gone (ids may change: N04.FR.19)."""
    if row.kind != ReportKind.MONITORS or row.command_id is None or row.is_selective:
        return
    known = VariableMonitor.objects.filter(charge_point_id=row.charge_point_id, gone_at=None)
    known.filter(told_at__lt=row.opened_at).exclude(number__in=row.seen).update(gone_at=now)


def _tell(row: DeviceReport, now: datetime) -> None:
    event_append(
        organization_id=row.charge_point.organization_id,
        charge_point_id=row.charge_point_id,
        kind=f"report.{row.state}",
        subject=row.charge_point.cp_id,
        data={"report_id": row.pk, "number": row.number, "about": row.kind, "missing": row.missing[:100]},
        now=now,
    )
