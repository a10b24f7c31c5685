"""NotifyPeriodicEventStream: values of a stream; travels as SEND, so nobody answers it (2.1 N15)."""

from datetime import datetime, timedelta
from typing import Any

from central.ocpp.context import Context
from central.ocpp.router import action
from central.ocpp.vocabulary import EARLIEST, LATEST, parse_time
from central.services.event_streams import event_stream_values_record


@action("NotifyPeriodicEventStream", versions=("2.1",))
def handle(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Keep the values, each once; `t` is the offset in seconds from `basetime`."""
    base = parse_time(request["basetime"])
    event_stream_values_record(
        charge_point_id=ctx.charge_point_id,
        number=int(request["id"]),
        values=[(_later(base, float(each["t"])), each["v"]) for each in request["data"]],
        pending=int(request["pending"]),
        now=ctx.now,
    )
    return {}


def _later(base: datetime, seconds: float) -> datetime:
    """The moment, within what a database can keep."""
    try:
        return max(EARLIEST, min(LATEST, base + timedelta(seconds=seconds)))
    except OverflowError:
        return LATEST if seconds > 0 else EARLIEST
