"""REST: vendor messages (DataTransfer)."""

from central.api.records import record
from central.models import DataTransfer

record(
    "data-transfers",
    DataTransfer,
    fields=(
        "charge_point",
        "command",
        "direction",
        "vendor_id",
        "vendor_message_id",
        "data",
        "status",
        "answer",
        "at",
    ),
    filters=("direction", "vendor_id", "vendor_message_id", "status"),
    time_field="at",
)
