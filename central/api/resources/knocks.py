"""REST: unknown ids that knocked, and refused connections of known ones."""

from central.api.records import record
from central.models import Knock, Refusal

record(
    "unknown-charge-points",
    Knock,
    fields=("cp_id", "address", "offered", "user_fits", "secure", "first_seen", "last_seen", "count"),
    filters=("cp_id", "address"),
    time_field="last_seen",
)
record(
    "refused-connections",
    Refusal,
    fields=("charge_point", "reason", "address", "offered", "secure", "count", "total", "last_seen"),
    filters=("reason",),
    time_field="last_seen",
)
