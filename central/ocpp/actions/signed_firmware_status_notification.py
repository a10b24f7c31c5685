"""SignedFirmwareStatusNotification: how far a signed update is (1.6 security extension L01.FR.10)."""

from typing import Any

from central.models.firmware_job import FirmwareKind
from central.ocpp.context import Context
from central.ocpp.router import action
from central.services.firmware import firmware_reported


@action("SignedFirmwareStatusNotification", versions=("1.6",))
def handle(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Move the update by its requestId, which only Idle may lack (L01.FR.21). The answer is empty."""
    firmware_reported(
        charge_point_id=ctx.charge_point_id,
        kind=FirmwareKind.UPDATE,
        status=request["status"],
        request_id=request.get("requestId"),
        signed=True,
        now=ctx.now,
    )
    return {}
