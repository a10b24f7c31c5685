"""DiagnosticsStatusNotification: how far the upload of diagnostics is (1.6 §4.4)."""

from typing import Any

from central.ocpp.context import Context
from central.ocpp.router import action
from central.services.logs import log_reported


@action("DiagnosticsStatusNotification", versions=("1.6",))
def handle(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Move the newest upload of diagnostics: the message names none."""
    log_reported(
        charge_point_id=ctx.charge_point_id,
        status=request["status"],
        request_id=None,
        diagnostics=True,
        now=ctx.now,
    )
    return {}
