"""Authorize: may this token charge (1.6 §4.1, 2.x C01), or this contract (C07)? Creates nothing."""

from collections.abc import Sequence
from typing import Any

from central.ocpp.context import Context
from central.ocpp.errands import errand
from central.ocpp.plug_and_charge import contract_errand, contract_of, shows_contract
from central.ocpp.providers import provider_errand, providers_answer
from central.ocpp.router import action
from central.ocpp.tokens import id_tag_info, id_token_info
from central.ocpp.user_prices import answers_with_prices, prices_follow
from central.services.authorization import Shown, authorize_many
from central.services.plug_and_charge import contract_authorize
from central.services.token_reading import CONTRACT

Calls = Sequence[tuple[Context, dict[str, Any]]]


def is_plain(request: dict[str, Any]) -> bool:
    """True for tokens without a contract: their answer depends on our own tables alone."""
    return str(request["idToken"]["type"]) != CONTRACT


@action("Authorize", versions=("1.6",), many=True)
def handle_many_1_6(calls: Calls) -> Sequence[dict[str, Any]]:
    """The answers for idTags."""
    shown = [_shown(ctx, request["idTag"], "") for ctx, request in calls]
    answers = authorize_many(shown)
    prices_follow(shown, answers)
    return [{"idTagInfo": id_tag_info(answer)} for answer in answers]


@action("Authorize", versions=("2.0.1", "2.1"), many=True, when=is_plain)
def handle_many_2(calls: Calls) -> Sequence[dict[str, Any]]:
    """The answers for idTokens of any other type than contracts."""
    shown = [_shown(ctx, request["idToken"]["idToken"], request["idToken"]["type"]) for ctx, request in calls]
    return answers_with_prices(shown, authorize_many(shown))


def _asks_others(request: dict[str, Any]) -> bool:
    return shows_contract(request) or providers_answer(request)


@errand("Authorize", versions=("1.6",), when=providers_answer)
def fetch_1_6(ctx: Context, request: dict[str, Any]) -> None:
    """Have the word of the tag's provider known, where a roaming partner issued it."""
    provider_errand(ctx, uid=request["idTag"])


@errand("Authorize", versions=("2.0.1", "2.1"), when=_asks_others)
def fetch(ctx: Context, request: dict[str, Any]) -> None:
    """Have the status of the contract's certificates known (C07.FR.05), or the word of the provider."""
    if not is_plain(request):
        contract_errand(ctx, request)
    else:
        provider_errand(ctx, uid=request["idToken"]["idToken"])


@action("Authorize", versions=("2.0.1", "2.1"))
def handle_contract(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """The answer for a contract (C07): checking its certificate may ask others, so it holds up no batch."""
    if is_plain(request):
        return dict(handle_many_2([(ctx, request)])[0])
    contract = contract_of(ctx, request)
    authorization, certificate_status = contract_authorize(contract=contract, version=ctx.version)
    answer: dict[str, Any] = {"idTokenInfo": id_token_info(authorization)}
    return answer | ({"certificateStatus": certificate_status} if certificate_status else {})


def _shown(ctx: Context, uid: str, token_type: str) -> Shown:
    return Shown(ctx.charge_point_id, ctx.organization_id, uid, token_type, ctx.now, version=ctx.version)
