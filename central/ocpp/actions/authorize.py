"""Authorize: may this token charge (1.6 §4.1, 2.x C01)? Creates nothing."""

from collections.abc import Sequence
from typing import Any

from central.ocpp.context import Context
from central.ocpp.router import action
from central.ocpp.tokens import id_tag_info, id_token_info
from central.services.authorization import Shown, authorize_many

Calls = Sequence[tuple[Context, dict[str, Any]]]


@action("Authorize", versions=("1.6",), many=True)
def handle_many_1_6(calls: Calls) -> Sequence[dict[str, Any]]:
    """The answers for idTags."""
    shown = [_shown(ctx, request["idTag"], "") for ctx, request in calls]
    return [{"idTagInfo": id_tag_info(answer)} for answer in authorize_many(shown)]


@action("Authorize", versions=("2.0.1", "2.1"), many=True)
def handle_many_2(calls: Calls) -> Sequence[dict[str, Any]]:
    """The answers for idTokens of any type."""
    shown = [_shown(ctx, request["idToken"]["idToken"], request["idToken"]["type"]) for ctx, request in calls]
    return [{"idTokenInfo": id_token_info(answer)} for answer in authorize_many(shown)]


def _shown(ctx: Context, uid: str, token_type: str) -> Shown:
    return Shown(ctx.charge_point_id, ctx.organization_id, uid, token_type, ctx.now)
