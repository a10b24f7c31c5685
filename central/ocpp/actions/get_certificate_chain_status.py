"""GetCertificateChainStatus: are a car's certificates revoked, by OCSP or revocation list (2.1 M07)."""

from typing import Any

from central.ocpp.context import Context
from central.ocpp.errands import errand
from central.ocpp.plug_and_charge import chain_questions, chain_reply
from central.ocpp.router import action
from central.services.plug_and_charge_requests import statuses_fetch


@errand("GetCertificateChainStatus", versions=("2.1",))
def fetch(ctx: Context, request: dict[str, Any]) -> None:
    """Ask for each that is not known yet."""
    questions = chain_questions(request)
    statuses_fetch(organization_id=ctx.organization_id, questions=questions, now=ctx.now)


@action("GetCertificateChainStatus", versions=("2.1",))
def handle(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """The status of each."""
    return chain_reply(ctx, request)
