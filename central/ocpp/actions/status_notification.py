"""StatusNotification: the state of a connector, or of the whole (1.6 §4.9, 2.x G01)."""

from collections.abc import Sequence
from typing import Any

from central.ocpp.context import Context
from central.ocpp.router import action
from central.ocpp.vocabulary import evse_of_connector, parse_time
from central.services.statuses import StatusReport, statuses_record

Calls = Sequence[tuple[Context, dict[str, Any]]]


@action("StatusNotification", versions=("1.6",), many=True)
def handle_many_1_6(calls: Calls) -> Sequence[dict[str, Any]]:
    """One row a connector, made on first contact; connector 0 is the charge point itself."""
    statuses_record([_report_1_6(ctx, request) for ctx, request in calls])
    return [{} for _ in calls]


@action("StatusNotification", versions=("2.0.1", "2.1"), many=True)
def handle_many_2(calls: Calls) -> Sequence[dict[str, Any]]:
    """The same by EVSE and connector."""
    statuses_record([_report_2(ctx, request) for ctx, request in calls])
    return [{} for _ in calls]


def _report_1_6(ctx: Context, request: dict[str, Any]) -> StatusReport:
    evse_number, connector_number = evse_of_connector(request["connectorId"])
    error_code = request["errorCode"]
    return StatusReport(
        charge_point_id=ctx.charge_point_id,
        organization_id=ctx.organization_id,
        evse_number=evse_number,
        connector_number=connector_number,
        status=request["status"],
        at=parse_time(request["timestamp"]) if "timestamp" in request else ctx.now,
        now=ctx.now,
        error_code="" if error_code == "NoError" else error_code,
        error_info=request.get("info", ""),
        vendor_id=request.get("vendorId", ""),
        vendor_error_code=request.get("vendorErrorCode", ""),
    )


def _report_2(ctx: Context, request: dict[str, Any]) -> StatusReport:
    evse_number = int(request["evseId"])
    return StatusReport(
        charge_point_id=ctx.charge_point_id,
        organization_id=ctx.organization_id,
        evse_number=evse_number,
        connector_number=int(request["connectorId"]) if evse_number else 0,
        status=request["connectorStatus"],
        at=parse_time(request["timestamp"]),
        now=ctx.now,
    )
