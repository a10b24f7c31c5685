"""REST: what orders left behind: wanted availabilities and checks of transactions."""

from central.api.records import record
from central.models import TransactionCheck, WantedAvailability

record(
    "wanted-availability",
    WantedAvailability,
    fields=("charge_point", "command", "evse_number", "connector_number", "wanted", "scheduled", "at"),
    filters=("evse_number", "connector_number", "wanted", "scheduled"),
    time_field="at",
)
record(
    "transaction-checks",
    TransactionCheck,
    fields=("charge_point", "command", "session", "transaction_id", "ongoing", "messages_in_queue", "at"),
    filters=("session", "transaction_id", "ongoing", "messages_in_queue"),
    time_field="at",
)
