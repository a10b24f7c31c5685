"""OpenPeriodicEventStream: values of a monitor will come without acknowledgement (2.1 N11)."""

from typing import Any

from central.ocpp.context import Context
from central.ocpp.device_model import stream_read
from central.ocpp.router import action
from central.services.event_streams import event_stream_open


@action("OpenPeriodicEventStream", versions=("2.1",))
def handle(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Keep the stream; Accepted, as we take every stream (N11.FR.02)."""
    stream = stream_read(request["constantStreamData"])
    event_stream_open(charge_point_id=ctx.charge_point_id, stream=stream, now=ctx.now)
    return {"status": "Accepted"}
