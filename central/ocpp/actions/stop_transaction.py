"""StopTransaction (1.6 §4.10): a transaction has ended; it is never refused."""

from typing import Any

from central.ocpp.context import Context
from central.ocpp.router import action
from central.ocpp.tokens import id_tag_info
from central.ocpp.vocabulary import parse_time, readings
from central.services.authorization import authorize
from central.services.session_match import Stop
from central.services.session_stop import session_stop


@action("StopTransaction", versions=("1.6",))
def handle(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """End the session, with the meter values of `transactionData`; no reason means Local (§7.36)."""
    stop = Stop(
        charge_point_id=ctx.charge_point_id,
        transaction_id=str(request["transactionId"]),
        at=parse_time(request["timestamp"]),
        meter_wh=request["meterStop"],
        id_tag=request.get("idTag", ""),
        reason=request.get("reason", "Local"),
    )
    return session_stop(
        stop=stop,
        readings=readings(request.get("transactionData", ())),
        payload=request,
        answer=_answer(ctx, stop),
        now=ctx.now,
    )


def _answer(ctx: Context, stop: Stop) -> dict[str, Any]:
    if not stop.id_tag:
        return {}
    answer = authorize(charge_point_id=ctx.charge_point_id, uid=stop.id_tag, now=ctx.now)
    return {"idTagInfo": id_tag_info(answer)}
