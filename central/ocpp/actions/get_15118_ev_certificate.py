"""Get15118EVCertificate: a car installs or renews its contract certificate (2.x M01, M02)."""

from typing import Any

from central.ocpp.context import Context
from central.ocpp.errands import errand
from central.ocpp.plug_and_charge import asker_of, contract_reply
from central.ocpp.router import action
from central.services.plug_and_charge_requests import contract_request_fetch


@errand("Get15118EVCertificate", versions=("2.0.1", "2.1"))
def fetch(ctx: Context, request: dict[str, Any]) -> None:
    """Ask the provider of contract certificates."""
    contract_request_fetch(asker=asker_of(ctx), request=request)


@action("Get15118EVCertificate", versions=("2.0.1", "2.1"))
def handle(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """What the provider gave."""
    return contract_reply(ctx, request)
