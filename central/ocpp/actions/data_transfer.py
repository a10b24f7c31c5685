"""DataTransfer: a vendor's own message (1.6 §4.3, 2.x P02)."""

from typing import Any

from central.ocpp.context import Context
from central.ocpp.router import action
from central.services.data_transfers import data_transfer_record


@action("DataTransfer")
def handle(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Kept; UnknownVendorId where nobody handles the vendor."""
    status = data_transfer_record(
        charge_point_id=ctx.charge_point_id,
        vendor_id=request["vendorId"],
        vendor_message_id=request.get("messageId", ""),
        data=request.get("data"),
        now=ctx.now,
    )
    return {"status": status}
