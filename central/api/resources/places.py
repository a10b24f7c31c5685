"""REST: EVSEs, connectors, their states and connections over time, meter values, words of transactions."""

from central.api.records import record
from central.models import Connector, Evse, MeterValue, OfflineSpan, SessionEvent, StatusChange
from registry.rights import Right

record("evses", Evse, fields=("charge_point", "number"), filters=("number",), see_right=Right.SEE)
record(
    "connectors",
    Connector,
    fields=(
        "charge_point",
        "evse",
        "number",
        "status",
        "status_at",
        "error_code",
        "error_info",
        "vendor_id",
        "vendor_error_code",
        "max_power_w",
    ),
    filters=("evse", "number", "status", "error_code"),
    time_field="status_at",
    see_right=Right.SEE,
)
record(
    "status-history",
    StatusChange,
    fields=(
        "charge_point",
        "evse_number",
        "connector_number",
        "status",
        "error_code",
        "at",
        "received_at",
    ),
    filters=("evse_number", "connector_number", "status", "error_code"),
    time_field="received_at",
    ordering=(),
)
record(
    "offline-spans",
    OfflineSpan,
    fields=("charge_point", "began_at", "ended_at"),
    time_field="began_at",
    see_right=Right.SEE,
)
record(
    "meter-values",
    MeterValue,
    fields=(
        "charge_point",
        "session",
        "evse_number",
        "connector_number",
        "sampled_at",
        "received_at",
        "context",
        "register_wh",
        "power_w",
        "current_ma",
        "voltage_mv",
        "state_of_charge",
        "samples",
        "flags",
    ),
    filters=("session", "evse_number", "connector_number", "context"),
    time_field="sampled_at",
    ordering=(),
    see_right=Right.SEE,
)
record(
    "session-events",
    SessionEvent,
    fields=("charge_point", "session", "kind", "seq_no", "at", "received_at", "payload", "quarantine_reason"),
    filters=("session", "kind", "quarantine_reason"),
    time_field="received_at",
    ordering=(),
    see_right=Right.OPERATE,
)
