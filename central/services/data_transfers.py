"""Vendor messages: kept whoever understands them."""

from datetime import datetime
from typing import Any, Final

from central.models import DataTransfer

UNKNOWN_VENDOR: Final = "UnknownVendorId"


def data_transfer_record(
    *, charge_point_id: int, vendor_id: str, vendor_message_id: str, data: Any, now: datetime
) -> str:
    """Store a vendor message and return the status of its answer: nobody here speaks for a vendor yet."""
    DataTransfer.objects.create(
        charge_point_id=charge_point_id,
        vendor_id=vendor_id,
        vendor_message_id=vendor_message_id[:50],
        data=data,
        status=UNKNOWN_VENDOR,
        at=now,
    )
    return UNKNOWN_VENDOR
