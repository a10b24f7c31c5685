"""Authorize: may this token charge (1.6 §4.1, 2.x C01)? Creates nothing."""

from typing import Any

from central.ocpp.context import Context
from central.ocpp.router import action
from central.ocpp.tokens import id_tag_info, id_token_info
from central.services.authorization import authorize


@action("Authorize", versions=("1.6",))
def handle_1_6(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """The answer for an idTag."""
    answer = authorize(charge_point_id=ctx.charge_point_id, uid=request["idTag"], now=ctx.now)
    return {"idTagInfo": id_tag_info(answer)}


@action("Authorize", versions=("2.0.1", "2.1"))
def handle_2(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """The answer for an idToken of any type."""
    token = request["idToken"]
    answer = authorize(
        charge_point_id=ctx.charge_point_id, uid=token["idToken"], token_type=token["type"], now=ctx.now
    )
    return {"idTokenInfo": id_token_info(answer)}
