"""NotifyEVChargingSchedule: how a car means to charge (2.x K15.FR.10; 2.1 K18)."""

from typing import Any

from central.ocpp.context import Context
from central.ocpp.numbers import whole, whole_or_none
from central.ocpp.router import action
from central.ocpp.vocabulary import parse_time
from central.services.charging_needs import Told, ev_schedule_record


@action("NotifyEVChargingSchedule", versions=("2.0.1", "2.1"))
def handle(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Keep the schedule; Rejected where it is more than the profile allows (K15.FR.12)."""
    status = ev_schedule_record(
        told=Told(ctx.organization_id, ctx.charge_point_id, whole(request["evseId"], "evseId", 0), ctx.now),
        time_base=parse_time(request["timeBase"]),
        schedule=request["chargingSchedule"],
        selected=whole_or_none(request.get("selectedChargingScheduleId"), "selectedChargingScheduleId", 0),
        tolerance_accepted=request.get("powerToleranceAcceptance"),
        now=ctx.now,
    )
    return {"status": status}
