"""NotifyDisplayMessages: the texts that a charge point has (2.x O03, O04)."""

from typing import Any

from central.ocpp.context import Context
from central.ocpp.display import text_of
from central.ocpp.router import action
from central.services.display_messages import display_messages_reported


@action("NotifyDisplayMessages", versions=("2.0.1", "2.1"))
def handle(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Keep each; with the last part (tbc) what was asked for and is not there is removed. Empty answer."""
    display_messages_reported(
        charge_point_id=ctx.charge_point_id,
        request_id=request["requestId"],
        texts={info["id"]: text_of(info) for info in request.get("messageInfo", ())},
        more=request.get("tbc", False),
        now=ctx.now,
    )
    return {}
