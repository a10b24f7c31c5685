"""NotifyDERAlarm (2.1 R05): the charge point deviates because of the grid, or does so no longer."""

from typing import Any

from central.ocpp.context import Context
from central.ocpp.router import action
from central.ocpp.vocabulary import parse_time
from central.services.der_alarms import der_alarm


@action("NotifyDERAlarm", versions=("2.1",))
def handle(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Kept as an alarm from start to end; the answer is empty."""
    der_alarm(
        charge_point_id=ctx.charge_point_id,
        control_type=request["controlType"],
        fault=request.get("gridEventFault", ""),
        ended=request.get("alarmEnded", False),
        at=parse_time(request["timestamp"]),
        info=request.get("extraInfo", ""),
        now=ctx.now,
    )
    return {}
