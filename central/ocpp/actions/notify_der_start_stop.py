"""NotifyDERStartStop (2.1 R04.FR.20-22): a scheduled control came into force, or ended."""

from typing import Any

from central.ocpp.context import Context
from central.ocpp.router import action
from central.ocpp.vocabulary import parse_time
from central.services.der import der_control_moved


@action("NotifyDERStartStop", versions=("2.1",))
def handle(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Written to the control and to those that it supersedes; the answer is empty."""
    der_control_moved(
        organization_id=ctx.organization_id,
        charge_point_id=ctx.charge_point_id,
        control_id=request["controlId"],
        started=request["started"],
        at=parse_time(request["timestamp"]),
        superseded=request.get("supersededIds", ()),
        now=ctx.now,
    )
    return {}
