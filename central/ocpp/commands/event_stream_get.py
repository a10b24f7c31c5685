"""Read event streams: GetPeriodicEventStream (2.1 N12)."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.ocpp.device_model import stream_read
from central.ocpp.intents import answer_of, command, order
from central.services.event_streams import event_streams_listed
from registry.rights import Right

ORDER = "event_stream_get"

order(
    ORDER,
    _("Read event streams"),
    explain=_("Asks the charge point which streams are open."),
    group="monitoring",
    icon="format_list_bulleted",
    right=Right.SERVICE,
)


@command(ORDER, versions=("2.1",))
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request, which is empty."""
    return "GetPeriodicEventStream", {}


@answer_of("GetPeriodicEventStream", versions=("2.1",))
def apply(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """Streams that the list leaves out are closed (N12.FR.01)."""
    streams = [stream_read(each) for each in answer.get("constantStreamData") or []]
    event_streams_listed(charge_point_id=command.charge_point_id, streams=streams, now=now)
    return True
