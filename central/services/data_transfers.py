"""Vendor messages: kept whoever understands them."""

from datetime import datetime
from typing import Any

from central.models import DataTransfer
from central.models.message import Direction


def data_transfer_record(
    *,
    charge_point_id: int,
    vendor_id: str,
    vendor_message_id: str,
    data: Any,
    status: str,
    answer: Any = None,
    command_id: int | None = None,
    now: datetime,
) -> DataTransfer:
    """Store a vendor message and what it was answered with; secrets are masked by the caller.

    With `command_id` it is ours: that command carried it to the charge point.
    """
    return DataTransfer.objects.create(
        charge_point_id=charge_point_id,
        vendor_id=vendor_id,
        vendor_message_id=vendor_message_id[:50],
        data=data,
        status=status,
        answer=answer,
        direction=Direction.IN if command_id is None else Direction.OUT,
        command_id=command_id,
        at=now,
    )
