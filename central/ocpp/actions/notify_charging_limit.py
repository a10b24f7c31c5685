"""NotifyChargingLimit: another system limits the charge point (2.x K11, K12, K14; 2.1 K27)."""

from typing import Any

from central.ocpp.context import Context
from central.ocpp.numbers import whole
from central.ocpp.router import action
from central.services.charging_limits import Limit, limit_record


@action("NotifyChargingLimit", versions=("2.0.1", "2.1"))
def handle(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Keep the limit; the answer is empty."""
    told = request["chargingLimit"]
    limit = Limit(
        source=told["chargingLimitSource"],
        evse_number=whole(request.get("evseId", 0), "evseId", 0),
        is_grid_critical=told.get("isGridCritical"),
        is_local_generation=told.get("isLocalGeneration"),
        schedules=list(request.get("chargingSchedule", ())),
    )
    limit_record(
        organization_id=ctx.organization_id, charge_point_id=ctx.charge_point_id, limit=limit, now=ctx.now
    )
    return {}
