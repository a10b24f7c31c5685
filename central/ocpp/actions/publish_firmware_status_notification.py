"""PublishFirmwareStatusNotification: how far a publication is (2.x L03)."""

from typing import Any

from central.models.firmware_job import FirmwareKind
from central.ocpp.context import Context
from central.ocpp.router import action
from central.ocpp.transfers import info_of
from central.services.firmware import firmware_reported


@action("PublishFirmwareStatusNotification", versions=("2.0.1", "2.1"))
def handle(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Move the publication; Published brings the addresses of the file (L03.FR.04). The answer is empty."""
    firmware_reported(
        charge_point_id=ctx.charge_point_id,
        kind=FirmwareKind.PUBLISH,
        status=request["status"],
        request_id=request.get("requestId"),
        info=info_of(request),
        published=request.get("location"),
        now=ctx.now,
    )
    return {}
