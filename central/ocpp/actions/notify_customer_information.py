"""NotifyCustomerInformation: a part of what a charge point keeps about a driver (2.x N09, N10)."""

from typing import Any

from central.ocpp.context import Context
from central.ocpp.router import action
from central.ocpp.vocabulary import parse_time
from central.services.customer_information import customer_information_part


@action("NotifyCustomerInformation", versions=("2.0.1", "2.1"))
def handle(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Keep the part with the question that it belongs to. The answer is empty."""
    customer_information_part(
        charge_point_id=ctx.charge_point_id,
        request_id=request["requestId"],
        seq_no=request["seqNo"],
        data=request["data"],
        more=request.get("tbc", False),
        generated_at=parse_time(request["generatedAt"]),
        now=ctx.now,
    )
    return {}
