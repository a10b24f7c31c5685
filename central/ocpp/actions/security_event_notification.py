"""SecurityEventNotification: the safety of a charge point (1.6 security extension A04, 2.x A04)."""

from typing import Any

from central.ocpp.context import Context
from central.ocpp.router import action
from central.ocpp.vocabulary import parse_time
from central.services.issued_certificates import certificate_discarded
from central.services.security_events import security_event_record


@action("SecurityEventNotification")
def handle(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Keep it once; the answer is empty and confirms it (A04.FR.03)."""
    security_event_record(
        charge_point_id=ctx.charge_point_id,
        version=ctx.version,
        kind=request["type"],
        at=parse_time(request["timestamp"]),
        tech_info=request.get("techInfo", ""),
        now=ctx.now,
    )
    certificate_discarded(charge_point_id=ctx.charge_point_id, kind=request["type"], now=ctx.now)
    return {}
