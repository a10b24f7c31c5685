"""ReportDERControl (2.1 R04.FR.31-37): the controls that a charge point has, in one or more messages."""

from typing import Any

from central.ocpp.answers import held
from central.ocpp.context import Context
from central.ocpp.der import controls_of
from central.ocpp.router import action
from central.services.der_reports import der_report_part
from central.services.ledger import digest


@action("ReportDERControl", versions=("2.1",))
def handle(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Collected under the request id, whether we asked or not; the answer is empty."""
    der_report_part(
        charge_point_id=ctx.charge_point_id,
        request_id=held(request["requestId"]),
        part=digest(request),
        controls=controls_of(request),
        more=request.get("tbc", False),
        now=ctx.now,
    )
    return {}
