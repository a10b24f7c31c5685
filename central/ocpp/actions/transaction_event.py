"""TransactionEvent (2.x E01-E12): a transaction has started, goes on, or has ended."""

from collections.abc import Sequence
from typing import Any

from central.ocpp.context import Context
from central.ocpp.costs import cost_keep, cost_of_end, costs_while_running
from central.ocpp.router import action
from central.ocpp.tokens import id_token_info
from central.ocpp.vocabulary import connector_in_range, parse_time, readings
from central.services.authorization import Authorization
from central.services.ledger import ENDED, STARTED, UPDATED
from central.services.transaction_updates import transaction_updates
from central.services.transactions import TransactionEvent, transaction_event

VERSIONS = ("2.0.1", "2.1")
KINDS = {"Started": STARTED, "Updated": UPDATED, "Ended": ENDED}


def is_plain_update(request: dict[str, Any]) -> bool:
    """True for the frequent ones: an update at which no token was shown and no cost was calculated."""
    return request["eventType"] == "Updated" and "idToken" not in request and "costDetails" not in request


@action("TransactionEvent", versions=VERSIONS)
def handle(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Keep the event; answer for the token where one was shown, and with the cost where it is to be told."""
    answer = transaction_event(event=_event(ctx, request), reply=_answer, now=ctx.now)
    cost_keep(ctx, request)
    return answer | cost_of_end(ctx, request)


@action("TransactionEvent", versions=VERSIONS, many=True, when=is_plain_update)
def handle_many(calls: Sequence[tuple[Context, dict[str, Any]]]) -> Sequence[dict[str, Any]]:
    """The same for updates of many charge points."""
    transaction_updates([(_event(ctx, request), ctx.now) for ctx, request in calls])
    return costs_while_running(calls)


def _answer(authorization: Authorization | None) -> dict[str, Any]:
    return {} if authorization is None else {"idTokenInfo": id_token_info(authorization)}


def _event(ctx: Context, request: dict[str, Any]) -> TransactionEvent:
    info, token = request["transactionInfo"], request.get("idToken")
    evse_number, connector_number = _place(request.get("evse", {}))
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


def _place(evse: dict[str, Any]) -> tuple[int, int]:
    """EVSE and connector; numbers that cannot exist name no place."""
    numbers = int(evse.get("id", 0)), int(evse.get("connectorId", 0))
    return numbers if all(connector_in_range(number) for number in numbers) else (0, 0)
