"""NotifyEvent: monitors that were triggered, and states of connectors (2.x N07, N08; 2.1 B01.FR.05, G01)."""

from typing import Any

from central.ocpp.context import Context
from central.ocpp.device_model import digest_of, is_secret, place_read
from central.ocpp.router import action
from central.ocpp.vocabulary import parse_time
from central.services.device_events import Event, device_events_record


@action("NotifyEvent", versions=("2.0.1", "2.1"))
def handle(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Keep each event once, however the parts (seqNo, tbc) come; the answer is empty (N07.FR.03)."""
    device_events_record(
        charge_point_id=ctx.charge_point_id,
        organization_id=ctx.organization_id,
        events=[_event(data) for data in request["eventData"]],
        now=ctx.now,
    )
    return {}


def _event(data: dict[str, Any]) -> Event:
    place = place_read(data)
    columns = {
        "event_id": int(data["eventId"]),
        "trigger": data["trigger"],
        "event_notification_type": data["eventNotificationType"],
        "cleared": data.get("cleared"),
        "cause": data.get("cause"),
        "severity": data.get("severity"),
        "tech_code": data.get("techCode", ""),
        "tech_info": data.get("techInfo", ""),
        "transaction_id": data.get("transactionId", ""),
        "monitor_number": data.get("variableMonitoringId"),
    }
    return Event(
        place=place,
        at=parse_time(data["timestamp"]),
        value=data["actualValue"],
        digest=digest_of(data),
        secret=is_secret(place),
        columns=columns,
    )
