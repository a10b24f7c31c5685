"""NotifySettlement (2.1 C21, C22): what the payment terminal settled, or why not."""

from typing import Any

from central.ocpp.answers import amount_of
from central.ocpp.context import Context
from central.ocpp.router import action
from central.ocpp.vocabulary import parse_time
from central.services.ledger import digest
from central.services.settlements import Settled, settlement_record


@action("NotifySettlement", versions=("2.1",))
def handle(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Kept; answered with the receipt where it is ours to give (C21.FR.03)."""
    settled = Settled(
        key=digest(request),
        psp_ref=request["pspRef"],
        status=request["status"],
        amount=amount_of(request["settlementAmount"]),
        settled_at=parse_time(request["settlementTime"]),
        transaction_id=request.get("transactionId", ""),
        status_info=request.get("statusInfo", ""),
        receipt_id=request.get("receiptId", ""),
        receipt_url=request.get("receiptUrl", ""),
        vat_number=request.get("vatNumber", ""),
        vat_company=request.get("vatCompany"),
    )
    receipt = settlement_record(
        organization_id=ctx.organization_id, charge_point_id=ctx.charge_point_id, settled=settled, now=ctx.now
    )
    if receipt is None:
        return {}
    return {"receiptUrl": receipt.url} | ({"receiptId": receipt.number[:50]} if receipt.number else {})
