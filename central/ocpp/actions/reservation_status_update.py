"""ReservationStatusUpdate: a reservation ended unused (2.x H04; Removed: H01.FR.16, 17)."""

from typing import Any

from central.ocpp.context import Context
from central.ocpp.numbers import whole
from central.ocpp.router import action
from central.services.reservations import reservation_update


@action("ReservationStatusUpdate", versions=("2.0.1", "2.1"))
def handle(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """End the reservation; the answer is empty."""
    reservation_update(
        organization_id=ctx.organization_id,
        charge_point_id=ctx.charge_point_id,
        number=whole(request["reservationId"], "reservationId"),
        status=request["reservationUpdateStatus"],
        now=ctx.now,
    )
    return {}
