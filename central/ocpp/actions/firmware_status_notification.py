"""FirmwareStatusNotification: how far an update is (1.6 §4.5, 2.x L01, L02)."""

from typing import Any

from central.models.firmware_job import FirmwareKind
from central.ocpp.context import Context
from central.ocpp.router import action
from central.ocpp.transfers import info_of
from central.services.firmware import firmware_reported


@action("FirmwareStatusNotification")
def handle(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Move the update that it speaks of; 1.6 names none. The answer is empty."""
    firmware_reported(
        charge_point_id=ctx.charge_point_id,
        kind=FirmwareKind.UPDATE,
        status=request["status"],
        request_id=request.get("requestId"),
        info=info_of(request),
        now=ctx.now,
    )
    return {}
