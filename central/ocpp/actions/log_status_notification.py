"""LogStatusNotification: how far an upload is (1.6 security extension N01, 2.x N01)."""

from typing import Any

from central.ocpp.context import Context
from central.ocpp.router import action
from central.ocpp.transfers import info_of
from central.services.logs import log_reported


@action("LogStatusNotification")
def handle(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Move the upload by its requestId, which only a triggered one may lack (N01.FR.13)."""
    log_reported(
        charge_point_id=ctx.charge_point_id,
        status=request["status"],
        request_id=request.get("requestId"),
        info=info_of(request),
        now=ctx.now,
    )
    return {}
