"""REST: DER controls, their reports and alarms."""

from central.api.records import record
from central.models import DerAlarm, DerControl, DerReport

record(
    "der-controls",
    DerControl,
    fields=(
        "charge_point",
        "command",
        "control_id",
        "control_type",
        "is_default",
        "priority",
        "starts_at",
        "duration_s",
        "settings",
        "state",
        "changed_at",
        "word",
        "started_at",
        "stopped_at",
        "reported_at",
    ),
    filters=("charge_point", "control_id", "control_type", "is_default", "state"),
    time_field="changed_at",
)
record(
    "der-reports",
    DerReport,
    fields=("charge_point", "command", "request_id", "scope", "found", "state", "asked_at", "changed_at"),
    filters=("charge_point", "request_id", "state"),
    time_field="asked_at",
)
record(
    "der-alarms",
    DerAlarm,
    fields=(
        "charge_point",
        "control_type",
        "fault",
        "started_at",
        "ended_at",
        "taken_over",
        "info",
        "received_at",
    ),
    filters=("charge_point", "control_type", "fault"),
    time_field="received_at",
)
