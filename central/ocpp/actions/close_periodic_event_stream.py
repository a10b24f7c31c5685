"""ClosePeriodicEventStream: a stream of values has ended (2.1 N13)."""

from typing import Any

from central.ocpp.context import Context
from central.ocpp.router import action
from central.services.event_streams import event_stream_close


@action("ClosePeriodicEventStream", versions=("2.1",))
def handle(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Note the end; the answer is empty, also where we knew of no stream (N13.FR.02)."""
    event_stream_close(charge_point_id=ctx.charge_point_id, number=int(request["id"]), now=ctx.now)
    return {}
