"""ClearedChargingLimit: another system limits the charge point no more (2.x K13)."""

from typing import Any

from central.ocpp.context import Context
from central.ocpp.numbers import whole_or_none
from central.ocpp.router import action
from central.services.charging_limits import limit_clear


@action("ClearedChargingLimit", versions=("2.0.1", "2.1"))
def handle(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """End the limit; the answer is empty."""
    limit_clear(
        organization_id=ctx.organization_id,
        charge_point_id=ctx.charge_point_id,
        source=request["chargingLimitSource"],
        evse_number=whole_or_none(request.get("evseId"), "evseId", 0),
        now=ctx.now,
    )
    return {}
