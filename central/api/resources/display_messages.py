"""REST: texts on displays."""

from central.api.records import record
from central.models import DisplayMessage

record(
    "display-messages",
    DisplayMessage,
    fields=(
        "charge_point",
        "command",
        "number",
        "priority",
        "shown_state",
        "starts_at",
        "ends_at",
        "transaction_id",
        "display",
        "contents",
        "state",
        "answer",
        "removed_because",
        "created_at",
        "installed_at",
        "reported_at",
        "removed_at",
    ),
    filters=("charge_point", "number", "state", "priority", "transaction_id"),
    time_field="created_at",
)
