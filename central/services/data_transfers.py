"""Vendor messages: kept whoever understands them."""

from datetime import datetime
from typing import Any

from central.models import DataTransfer


def data_transfer_record(
    *,
    charge_point_id: int,
    vendor_id: str,
    vendor_message_id: str,
    data: Any,
    status: str,
    answer: Any = None,
    now: datetime,
) -> DataTransfer:
    """Store a vendor message and what it was answered with; secrets are masked by the caller."""
    return DataTransfer.objects.create(
        charge_point_id=charge_point_id,
        vendor_id=vendor_id,
        vendor_message_id=vendor_message_id[:50],
        data=data,
        status=status,
        answer=answer,
        at=now,
    )
