"""NotifyMonitoringReport: a part of the list of monitors (2.x N02)."""

from typing import Any

from central.models.device_report import ReportKind
from central.ocpp.context import Context
from central.ocpp.device_model import digest_of, monitors_read
from central.ocpp.router import action
from central.ocpp.vocabulary import parse_time
from central.services.device_reports import Part, report_part_take
from central.services.monitors import monitors_record


@action("NotifyMonitoringReport", versions=("2.0.1", "2.1"))
def handle(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Keep the monitors, once; the answer is empty."""
    monitors = monitors_read(request.get("monitor", []))
    part = Part(
        kind=ReportKind.MONITORS,
        number=int(request["requestId"]),
        seq_no=int(request["seqNo"]),
        more=request.get("tbc", False),
        digest=digest_of(request),
        items=len(monitors),
        generated_at=parse_time(request["generatedAt"]),
        numbers=[monitor.number for monitor in monitors],
    )
    if report_part_take(charge_point_id=ctx.charge_point_id, part=part, now=ctx.now):
        monitors_record(charge_point_id=ctx.charge_point_id, monitors=monitors, now=ctx.now)
    return {}
