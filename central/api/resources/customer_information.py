"""REST: what charge points told about drivers; for those alone who may operate."""

from central.api.records import record
from central.models import CustomerInformation

record(
    "customer-information",
    CustomerInformation,
    fields=(
        "charge_point",
        "command",
        "request_id",
        "unsolicited",
        "state",
        "answer",
        "status_info",
        "report",
        "clear",
        "subject_kind",
        "subject",
        "text",
        "missing",
        "last_seq",
        "generated_at",
        "created_at",
        "finished_at",
        "delete_on",
        "deleted_at",
    ),
    filters=("charge_point", "state", "request_id"),
    time_field="created_at",
)
