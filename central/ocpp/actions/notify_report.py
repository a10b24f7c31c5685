"""NotifyReport: a part of what a charge point says of itself (2.x B07, B08)."""

from typing import Any

from central.models.device_report import ReportKind
from central.models.variable import Source
from central.ocpp.context import Context
from central.ocpp.device_model import digest_of, report_entries
from central.ocpp.router import action
from central.ocpp.vocabulary import parse_time
from central.services.device_reports import Part, report_part_take, variables_settle
from central.services.variables import variables_record


@action("NotifyReport", versions=("2.0.1", "2.1"))
def handle(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Take over the values, once; the answer is empty. Parts come in any order and with gaps (B07.FR.10)."""
    entries = request.get("reportData", [])
    part = Part(
        kind=ReportKind.VARIABLES,
        number=int(request["requestId"]),
        seq_no=int(request["seqNo"]),
        more=request.get("tbc", False),
        digest=digest_of(request),
        items=len(entries),
        generated_at=parse_time(request["generatedAt"]),
    )
    report = report_part_take(charge_point_id=ctx.charge_point_id, part=part, now=ctx.now)
    if report is not None:
        variables_record(
            charge_point_id=ctx.charge_point_id,
            told=list(report_entries(entries)),
            source=Source.REPORT,
            now=ctx.now,
        )
        variables_settle(report=report, now=ctx.now)
    return {}
