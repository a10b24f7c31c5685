"""DataTransfer: a vendor's own message (1.6 §4.3, 2.x P02)."""

from typing import Any

from central.ocpp.context import Context
from central.ocpp.masking import masked
from central.ocpp.router import action
from central.ocpp.vendor_table import parsed, vendor_serve, written
from central.services.data_transfers import data_transfer_record


@action("DataTransfer")
def handle(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Kept always; answered by the vendor's file, else UnknownVendorId or UnknownMessageId."""
    vendor_id, message = request["vendorId"], request.get("messageId", "")
    data = parsed(request.get("data"))
    status, answer = vendor_serve(ctx, vendor_id, message, data)
    data_transfer_record(
        charge_point_id=ctx.charge_point_id,
        vendor_id=vendor_id,
        vendor_message_id=message,
        data=masked("DataTransfer", data),
        status=status,
        answer=masked("DataTransfer", answer),
        now=ctx.now,
    )
    return {"status": status} | ({} if answer is None else {"data": written(ctx.version, answer)})
