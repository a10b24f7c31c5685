"""Authorize: may this token charge (1.6 §4.1, 2.x C01), or this contract (C07)? Creates nothing."""

from collections.abc import Sequence
from typing import Any

from central.ocpp.context import Context
from central.ocpp.router import action
from central.ocpp.tokens import id_tag_info, id_token_info
from central.ports import Contract
from central.services.authorization import CONTRACT, Shown, authorize_many
from central.services.plug_and_charge import contract_authorize

Calls = Sequence[tuple[Context, dict[str, Any]]]


def is_plain(request: dict[str, Any]) -> bool:
    """True for tokens without a contract: their answer depends on our own tables alone."""
    return str(request["idToken"]["type"]) != CONTRACT


@action("Authorize", versions=("1.6",), many=True)
def handle_many_1_6(calls: Calls) -> Sequence[dict[str, Any]]:
    """The answers for idTags."""
    shown = [_shown(ctx, request["idTag"], "") for ctx, request in calls]
    return [{"idTagInfo": id_tag_info(answer)} for answer in authorize_many(shown)]


@action("Authorize", versions=("2.0.1", "2.1"), many=True, when=is_plain)
def handle_many_2(calls: Calls) -> Sequence[dict[str, Any]]:
    """The answers for idTokens of any other type than contracts."""
    shown = [_shown(ctx, request["idToken"]["idToken"], request["idToken"]["type"]) for ctx, request in calls]
    return [{"idTokenInfo": id_token_info(answer)} for answer in authorize_many(shown)]


@action("Authorize", versions=("2.0.1", "2.1"))
def handle_contract(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """The answer for a contract (C07): checking its certificate may ask others, so it holds up no batch."""
    if is_plain(request):
        return dict(handle_many_2([(ctx, request)])[0])
    contract = Contract(
        charge_point_id=ctx.charge_point_id,
        organization_id=ctx.organization_id,
        emaid=request["idToken"]["idToken"],
        certificate=request.get("certificate", ""),
        hash_data=tuple(request.get("iso15118CertificateHashData", ())),
        now=ctx.now,
    )
    authorization, certificate_status = contract_authorize(contract=contract, version=ctx.version)
    answer: dict[str, Any] = {"idTokenInfo": id_token_info(authorization)}
    return answer | ({"certificateStatus": certificate_status} if certificate_status else {})


def _shown(ctx: Context, uid: str, token_type: str) -> Shown:
    return Shown(ctx.charge_point_id, ctx.organization_id, uid, token_type, ctx.now, version=ctx.version)
