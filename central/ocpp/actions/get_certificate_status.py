"""GetCertificateStatus: is a certificate revoked, asked of its OCSP responder (2.x M06)."""

from typing import Any

from central.ocpp.context import Context
from central.ocpp.errands import errand
from central.ocpp.plug_and_charge import status_question, status_reply
from central.ocpp.router import action
from central.services.plug_and_charge_requests import statuses_fetch


@errand("GetCertificateStatus", versions=("2.0.1", "2.1"))
def fetch(ctx: Context, request: dict[str, Any]) -> None:
    """Ask the responder, unless its last answer is still good."""
    questions = [status_question(request)]
    statuses_fetch(organization_id=ctx.organization_id, questions=questions, now=ctx.now)


@action("GetCertificateStatus", versions=("2.0.1", "2.1"))
def handle(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """The responder's answer as it came."""
    return status_reply(ctx, request)
