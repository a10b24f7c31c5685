"""StartTransaction (1.6 §4.8): a transaction has begun, whatever we think of its tag."""

from collections.abc import Sequence
from typing import Any

from central.models import Session
from central.ocpp.context import Context
from central.ocpp.errands import errand
from central.ocpp.providers import provider_errand, providers_answer
from central.ocpp.router import action
from central.ocpp.tokens import id_tag_info
from central.ocpp.vocabulary import connector_in_range, evse_of_connector, parse_time
from central.services.authorization import Authorization
from central.services.session_start import Start
from central.services.session_starts import Started, session_starts


@action("StartTransaction", versions=("1.6",), many=True)
def handle_many(calls: Sequence[tuple[Context, dict[str, Any]]]) -> Sequence[dict[str, Any]]:
    """Keep each start under a random number; the same start gets the same number again."""
    return session_starts([Started(_start(*call), call[1], call[0].now) for call in calls], _answer)


@errand("StartTransaction", versions=("1.6",), when=providers_answer)
def fetch(ctx: Context, request: dict[str, Any]) -> None:
    """Have the word of the tag's provider known, unless it was asked just now."""
    connector = request["connectorId"]
    evse_number = evse_of_connector(connector)[0] if connector_in_range(connector) else 0
    provider_errand(ctx, uid=request["idTag"], evse_number=evse_number, starting=True)


def _start(ctx: Context, request: dict[str, Any]) -> Start:
    connector, at = request["connectorId"], parse_time(request["timestamp"])
    in_range = connector_in_range(connector)
    evse_number, connector_number = evse_of_connector(connector if in_range else 0)
    return Start(
        charge_point_id=ctx.charge_point_id,
        version=ctx.version,
        start_key=f"start:{connector}:{request['idTag']}:{at.isoformat()}:{request['meterStart']}",
        evse_number=evse_number,
        connector_number=connector_number,
        at=at,
        id_tag=request["idTag"],
        meter_wh=request["meterStart"],
        reservation_id=request.get("reservationId"),
        out_of_range=not in_range,
    )


def _answer(session: Session, authorization: Authorization) -> dict[str, Any]:
    return {"transactionId": int(session.transaction_id), "idTagInfo": id_tag_info(authorization)}
