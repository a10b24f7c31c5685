"""Reports of DER controls: asked for, collected from several messages, bearing gaps (2.1 R04.FR.30-37)."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from central.models import Command, DerReport
from central.models.der import DerReportState
from central.services.commands import command_create
from central.services.der import Control, der_controls_gone, der_controls_reported
from registry.models import ChargePoint

DER_GET: Final = "der_get"
PATIENCE: Final = timedelta(minutes=5)
"""How long after the last part a report is given up; what came is kept."""
OPEN: Final = frozenset({DerReportState.REQUESTED, DerReportState.COLLECTING, DerReportState.UNDELIVERED})


def der_report_request(
    *, charge_point: ChargePoint, scope: dict[str, Any], now: datetime, **common: Any
) -> Command:
    """Queue the question with a row for its report, whose request id is the command's number."""
    with transaction.atomic():
        command = command_create(charge_point=charge_point, order=DER_GET, params=scope, now=now, **common)
        DerReport.objects.create(
            charge_point=charge_point,
            request_id=command.pk,
            scope=scope,
            state=DerReportState.REQUESTED,
            asked_at=now,
            changed_at=now,
            command=command,
        )
    return command


def der_report_answered(
    *, command: Command, request_id: int, scope: Mapping[str, Any], status: str, now: datetime
) -> bool:
    """What the answer to GetDERControl means; parts may have come before it. True where a report follows."""
    with transaction.atomic():
        report = _locked(command.charge_point_id, request_id, now)
        report.scope, report.command = dict(scope), command
        if status == "Accepted":
            _move(report, DerReportState.COLLECTING, now, only_from={DerReportState.REQUESTED})
            if report.state == DerReportState.COMPLETE:
                _whole(report, now)
        elif status == "NotFound":
            _move(report, DerReportState.NOTHING, now)
            der_controls_gone(charge_point_id=report.charge_point_id, scope=report.scope, now=now)
        else:
            _move(report, DerReportState.REFUSED, now)
        report.save()
    return status in {"Accepted", "NotFound"}


def der_report_part(
    *,
    charge_point_id: int,
    request_id: int,
    part: str,
    controls: Sequence[Control],
    more: bool,
    now: datetime,
) -> None:
    """One ReportDERControl; `part` is its print, by which a repeat is known; `more` follow.

    A report that we never asked for is kept as well.
    """
    with transaction.atomic():
        report = _locked(charge_point_id, request_id, now)
        if part in report.parts:
            return
        report.parts = [*report.parts, part]
        found = [control.control_id for control in controls]
        report.found = list(dict.fromkeys([*report.found, *found]))
        der_controls_reported(charge_point_id=charge_point_id, controls=controls, now=now)
        if report.state in OPEN or report.state == DerReportState.INCOMPLETE:
            report.state = DerReportState.COLLECTING if more else DerReportState.COMPLETE
        report.changed_at = now
        if report.state == DerReportState.COMPLETE:
            _whole(report, now)
        report.save()


def der_reports_sweep(*, now: datetime) -> int:
    """Give up reports whose next part never came; what came is kept. How many."""
    silent = DerReport.objects.filter(state=DerReportState.COLLECTING, changed_at__lte=now - PATIENCE)
    return silent.update(state=DerReportState.INCOMPLETE, changed_at=now)


def _whole(report: DerReport, now: datetime) -> None:
    """A whole report that we asked for also tells what is not there any more."""
    if report.command_id is not None:
        der_controls_gone(
            charge_point_id=report.charge_point_id, scope=report.scope, keep=report.found, now=now
        )


def _locked(charge_point_id: int, request_id: int, now: datetime) -> DerReport:
    rows = DerReport.objects.select_for_update(of=("self",))
    report, _ = rows.get_or_create(
        charge_point_id=charge_point_id,
        request_id=request_id,
        defaults={"state": DerReportState.REQUESTED, "asked_at": now, "changed_at": now},
    )
    return report


def _move(
    report: DerReport,
    state: DerReportState,
    now: datetime,
    only_from: frozenset[DerReportState] | set[DerReportState] = OPEN,
) -> None:
    if report.state in only_from:
        report.state, report.changed_at = state, now
