"""StopTransaction (1.6 §4.10): a transaction has ended; it is never refused."""

from collections.abc import Sequence
from typing import Any

from central.ocpp.context import Context
from central.ocpp.router import action
from central.ocpp.tokens import id_tag_info
from central.ocpp.vocabulary import parse_time, readings
from central.services.authorization import Shown, authorize_many
from central.services.session_match import Stop
from central.services.session_stops import Stopped, session_stops

Calls = Sequence[tuple[Context, dict[str, Any]]]


@action("StopTransaction", versions=("1.6",), many=True)
def handle_many(calls: Calls) -> Sequence[dict[str, Any]]:
    """End the sessions, with the meter values of `transactionData`; no reason means Local (§7.36)."""
    answers = _answers(calls)
    return session_stops(
        [
            Stopped(
                stop=_stop(ctx, request),
                readings=readings(request.get("transactionData", ())),
                payload=request,
                answer=answers.get(place, {}),
                now=ctx.now,
            )
            for place, (ctx, request) in enumerate(calls)
        ]
    )


def _stop(ctx: Context, request: dict[str, Any]) -> Stop:
    return Stop(
        charge_point_id=ctx.charge_point_id,
        transaction_id=str(request["transactionId"]),
        at=parse_time(request["timestamp"]),
        meter_wh=request["meterStop"],
        id_tag=request.get("idTag", ""),
        reason=request.get("reason", "Local"),
    )


def _answers(calls: Calls) -> dict[int, dict[str, Any]]:
    """The answers of those that name a tag, by place."""
    tagged = [(place, *call) for place, call in enumerate(calls) if call[1].get("idTag")]
    shown = [
        Shown(ctx.charge_point_id, ctx.organization_id, request["idTag"], "", ctx.now)
        for _, ctx, request in tagged
    ]
    return {
        place: {"idTagInfo": id_tag_info(answer)}
        for (place, _, _), answer in zip(tagged, authorize_many(shown), strict=True)
    }
