"""REST: battery swaps, settlements, checks of VAT numbers, payments on the web."""

from central.api.records import record
from central.models import BatterySwap, Settlement, VatCheck, WebPayment

record(
    "battery-swaps",
    BatterySwap,
    fields=(
        "charge_point",
        "command",
        "request_id",
        "id_tag",
        "id_tag_type",
        "state",
        "changed_at",
        "word",
        "batteries_in",
        "batteries_out",
        "in_at",
        "out_at",
        "not_taken_at",
        "created_at",
    ),
    filters=("charge_point", "request_id", "id_tag", "state"),
    time_field="created_at",
)
record(
    "settlements",
    Settlement,
    fields=(
        "uid",
        "charge_point",
        "session",
        "transaction_id",
        "psp_ref",
        "status",
        "status_info",
        "amount",
        "settled_at",
        "receipt_id",
        "receipt_url",
        "receipt_by_us",
        "vat_number",
        "vat_company",
        "received_at",
    ),
    filters=("charge_point", "uid", "psp_ref", "transaction_id", "status"),
    time_field="settled_at",
)
record(
    "vat-checks",
    VatCheck,
    fields=(
        "charge_point",
        "evse_number",
        "vat_number",
        "status",
        "reason",
        "company",
        "times",
        "first_at",
        "at",
    ),
    filters=("charge_point", "vat_number", "status"),
    time_field="at",
)
record(
    "web-payments",
    WebPayment,
    fields=(
        "charge_point",
        "command",
        "evse_number",
        "timeout_s",
        "state",
        "changed_at",
        "expires_at",
        "created_at",
    ),
    filters=("charge_point", "evse_number", "state"),
    time_field="created_at",
)
