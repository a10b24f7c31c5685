"""The errand of messages that show a token: its provider is asked first, where it must be."""

from typing import Any

from central.ocpp.context import Context
from central.services.provider_answers import provider_ask, providers_have_a_say


def providers_answer(request: dict[str, Any]) -> bool:
    """True where tokens of partners may have to be asked about: else no message makes the detour."""
    return providers_have_a_say()


def provider_errand(ctx: Context, *, uid: str, evse_number: int = 0, starting: bool = False) -> None:
    """Have the provider's word known, for the token that a message shows."""
    provider_ask(
        organization_id=ctx.organization_id,
        charge_point_id=ctx.charge_point_id,
        uid=uid,
        evse_number=evse_number,
        starting=starting,
        now=ctx.now,
    )
