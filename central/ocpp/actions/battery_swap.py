"""BatterySwap (2.1 S03): a battery was brought, taken, or not taken in time."""

from typing import Any

from central.ocpp.answers import held
from central.ocpp.context import Context
from central.ocpp.router import action
from central.services.battery_swaps import Swapped, battery_swap_event


@action("BatterySwap", versions=("2.1",))
def handle(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Kept as one swap by its request id; the answer is empty."""
    token = request["idToken"]
    swapped = Swapped(
        kind=request["eventType"],
        request_id=held(request["requestId"]),
        id_tag=token["idToken"],
        id_tag_type=token["type"],
        batteries=request["batteryData"],
    )
    battery_swap_event(
        organization_id=ctx.organization_id, charge_point_id=ctx.charge_point_id, swapped=swapped, now=ctx.now
    )
    return {}
