"""NotifyPriorityCharging: a driver chose priority at the charge point, or ended it (2.1 K22)."""

from typing import Any

from central.ocpp.context import Context
from central.ocpp.router import action
from central.services.power_signals import priority_record


@action("NotifyPriorityCharging", versions=("2.1",))
def handle(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Keep it with its session; the answer is empty."""
    priority_record(
        organization_id=ctx.organization_id,
        charge_point_id=ctx.charge_point_id,
        transaction_id=request["transactionId"],
        activated=request["activated"],
        now=ctx.now,
    )
    return {}
