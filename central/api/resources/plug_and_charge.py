"""REST: plug and charge requests, what responders said, and how charge points prove themselves."""

from central.api.records import record
from central.models import CertificateStatus, PasswordRotation, PlugAndChargeRequest, SecurityUpgrade

record(
    "plug-and-charge-requests",
    PlugAndChargeRequest,
    fields=(
        "charge_point",
        "kind",
        "message_id",
        "details",
        "status",
        "answer",
        "remaining",
        "problem",
        "took_ms",
        "at",
    ),
    filters=("kind", "status"),
    time_field="at",
)
record(
    "certificate-statuses",
    CertificateStatus,
    fields=(
        "source",
        "hash_algorithm",
        "issuer_name_hash",
        "issuer_key_hash",
        "serial_number",
        "url",
        "status",
        "problem",
        "this_update",
        "next_update",
        "checked_at",
    ),
    filters=("source", "status", "serial_number"),
    time_field="checked_at",
)
record(
    "password-rotations",
    PasswordRotation,
    fields=(
        "charge_point",
        "command",
        "state",
        "needs_reboot",
        "answered",
        "created_at",
        "sent_at",
        "settled_at",
    ),
    filters=("state",),
    time_field="created_at",
)
record(
    "security-upgrades",
    SecurityUpgrade,
    fields=(
        "charge_point",
        "command",
        "from_profile",
        "to_profile",
        "state",
        "slot",
        "url",
        "restart",
        "reason",
        "created_at",
        "changed_at",
    ),
    filters=("state", "to_profile"),
    time_field="created_at",
)
