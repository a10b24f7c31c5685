"""PullDynamicScheduleUpdate: a charge point asks for the present values of a dynamic profile (2.1 K28)."""

from typing import Any

from central.ocpp.context import Context
from central.ocpp.numbers import whole
from central.ocpp.router import action
from central.ocpp.vocabulary import format_time
from central.services.dynamic_profiles import dynamic_pulled


@action("PullDynamicScheduleUpdate", versions=("2.1",))
def handle(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """The values of the stored profile (K28.FR.07); Rejected where there is none (K28.FR.12)."""
    values = dynamic_pulled(
        charge_point_id=ctx.charge_point_id,
        number=whole(request["chargingProfileId"], "chargingProfileId"),
        at=format_time(ctx.now),
    )
    if values is None:
        return {"status": "Rejected", "statusInfo": {"reasonCode": "InvalidProfile"}}
    return {"status": "Accepted", "scheduleUpdate": values}
