"""TransactionEvent (2.x E01-E12): a transaction has started, goes on, or has ended."""

from collections.abc import Sequence
from typing import Any

from central.ocpp.context import Context
from central.ocpp.costs import cost_keep, costs_told
from central.ocpp.errands import errand
from central.ocpp.providers import provider_errand, providers_answer
from central.ocpp.router import action
from central.ocpp.tokens import id_token_info
from central.ocpp.vocabulary import connector_in_range, parse_time, readings
from central.services.authorization import Authorization
from central.services.ledger import ENDED, STARTED, UPDATED
from central.services.transaction_batches import Told, transaction_events
from central.services.transactions import TransactionEvent

VERSIONS = ("2.0.1", "2.1")
KINDS = {"Started": STARTED, "Updated": UPDATED, "Ended": ENDED}


@action("TransactionEvent", versions=VERSIONS, many=True)
def handle_many(calls: Sequence[tuple[Context, dict[str, Any]]]) -> Sequence[dict[str, Any]]:
    """Keep the events; answer for tokens that were shown, and with the cost where it is to be told."""
    told = [Told(_event(ctx, request), ctx.organization_id, ctx.now) for ctx, request in calls]
    answers = transaction_events(told, _answer)
    for ctx, request in calls:
        cost_keep(ctx, request)
    return [answer | cost for answer, cost in zip(answers, costs_told(calls, told), strict=True)]


def _begins_with_token(request: dict[str, Any]) -> bool:
    return "idToken" in request and request["eventType"] != "Ended" and providers_answer(request)


@errand("TransactionEvent", versions=VERSIONS, when=_begins_with_token)
def fetch(ctx: Context, request: dict[str, Any]) -> None:
    """Have the word of the token's provider known, unless it was asked just now."""
    evse_number, _ = _place(request.get("evse"))
    provider_errand(ctx, uid=request["idToken"]["idToken"], evse_number=evse_number, starting=True)


def _answer(authorization: Authorization | None) -> dict[str, Any]:
    return {} if authorization is None else {"idTokenInfo": id_token_info(authorization)}


def _event(ctx: Context, request: dict[str, Any]) -> TransactionEvent:
    info, token = request["transactionInfo"], request.get("idToken")
    evse_number, connector_number = _place(request.get("evse"))
    return TransactionEvent(
        charge_point_id=ctx.charge_point_id,
        version=ctx.version,
        transaction_id=info["transactionId"],
        kind=KINDS[request["eventType"]],
        seq_no=int(request["seqNo"]),
        at=parse_time(request["timestamp"]),
        payload=request,
        readings=readings(request.get("meterValue", ())),
        evse_number=evse_number,
        connector_number=connector_number,
        token=(token["idToken"], token["type"]) if token else None,
        charging_state=info.get("chargingState", "")[:20],
        stopped_reason=info.get("stoppedReason", "")[:40],
        remote_start_id=_number(info.get("remoteStartId")),
        reservation_id=_number(request.get("reservationId")),
        offline=bool(request.get("offline", False)),
    )


def _number(value: Any) -> int | None:
    return None if value is None else int(value)


def _place(evse: dict[str, Any] | None) -> tuple[int, int]:
    """EVSE and connector; numbers that cannot exist name no place."""
    if evse is None:
        return 0, 0
    evse_number, connector_number = int(evse["id"]), int(evse.get("connectorId", 0))
    fits = connector_in_range(evse_number) and connector_in_range(connector_number)
    return (evse_number, connector_number) if fits else (0, 0)
