"""REST: firmware jobs and uploads of logs; they are ordered by POST /api/commands/."""

from central.api.records import record
from central.models import FirmwareJob, LogJob

JOB = (
    "charge_point",
    "command",
    "request_id",
    "unsolicited",
    "state",
    "answer",
    "status",
    "status_info",
    "history",
    "created_at",
    "status_at",
    "finished_at",
)

record(
    "firmware-jobs",
    FirmwareJob,
    fields=(
        *JOB,
        "kind",
        "signed",
        "location",
        "checksum",
        "published",
        "retrieve_at",
        "install_at",
        "retries",
        "retry_interval",
        "version_expected",
        "version_before",
        "version_after",
        "confirmed_at",
        "replaced_by",
    ),
    filters=("charge_point", "state", "status", "kind", "signed", "request_id"),
    time_field="created_at",
)
record(
    "log-uploads",
    LogJob,
    fields=(
        *JOB,
        "kind",
        "location",
        "file_name",
        "oldest_at",
        "latest_at",
        "retries",
        "retry_interval",
        "replaced_by",
    ),
    filters=("charge_point", "state", "status", "kind", "request_id"),
    time_field="created_at",
)
