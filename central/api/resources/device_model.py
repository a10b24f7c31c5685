"""REST: the device model: variables, monitors, events, streams, reports, network profiles."""

from central.api.records import record
from central.models import (
    DeviceEvent,
    DeviceReport,
    EventStream,
    EventStreamValue,
    NetworkProfile,
    Variable,
    VariableMonitor,
)

PLACE = (
    "charge_point",
    "component",
    "component_instance",
    "evse_number",
    "connector_number",
    "variable",
    "variable_instance",
)
WHERE = ("component", "variable", "evse_number", "connector_number")

record(
    "variables",
    Variable,
    fields=(
        *PLACE,
        "value",
        "mutability",
        "attributes",
        "data_type",
        "unit",
        "min_limit",
        "max_limit",
        "max_elements",
        "values_list",
        "supports_monitoring",
        "source",
        "changed_at",
        "told_at",
        "reboot_since",
        "unnamed_since",
        "word",
        "word_at",
    ),
    filters=(*WHERE, "mutability", "source", "word"),
    time_field="changed_at",
)
record(
    "variable-monitors",
    VariableMonitor,
    fields=(
        *PLACE,
        "number",
        "monitor_type",
        "value",
        "severity",
        "transaction",
        "event_notification_type",
        "stream_interval",
        "stream_values",
        "told_at",
        "gone_at",
    ),
    filters=(*WHERE, "number", "monitor_type", "severity"),
)
record(
    "device-events",
    DeviceEvent,
    fields=(
        *PLACE,
        "event_id",
        "at",
        "received_at",
        "trigger",
        "event_notification_type",
        "actual_value",
        "cleared",
        "cause",
        "severity",
        "tech_code",
        "tech_info",
        "transaction_id",
        "monitor_number",
    ),
    filters=(*WHERE, "event_id", "severity", "cleared", "transaction_id", "monitor_number"),
    time_field="at",
)
record(
    "event-streams",
    EventStream,
    fields=(
        "charge_point",
        "number",
        "monitor_number",
        "interval",
        "values_each",
        "opened_at",
        "closed_at",
        "last_at",
        "pending",
        "received",
    ),
    filters=("number", "monitor_number"),
)
record(
    "event-stream-values",
    EventStreamValue,
    fields=("charge_point", "stream", "at", "value", "received_at"),
    filters=("stream",),
    time_field="at",
)
record(
    "device-reports",
    DeviceReport,
    fields=(
        "charge_point",
        "command",
        "number",
        "kind",
        "base",
        "criteria",
        "state",
        "word",
        "parts",
        "missing",
        "last_part",
        "items",
        "generated_at",
        "opened_at",
        "heard_at",
        "finished_at",
    ),
    filters=("number", "kind", "base", "state"),
    time_field="opened_at",
)
record(
    "network-profiles",
    NetworkProfile,
    fields=(
        "charge_point",
        "slot",
        "csms_url",
        "security_profile",
        "interface",
        "details",
        "word",
        "told_at",
    ),
    filters=("slot", "word"),
)
