"""REST: reservations; made and cancelled by the orders `reserve` and `reservation_cancel`."""

from central.api.records import record
from central.models import Reservation

record(
    "reservations",
    Reservation,
    fields=(
        "charge_point",
        "command",
        "number",
        "evse_number",
        "connector_type",
        "id_tag",
        "id_tag_type",
        "group",
        "expires_at",
        "state",
        "word",
        "session",
        "requested_at",
        "changed_at",
    ),
    filters=("number", "evse_number", "id_tag", "state"),
    time_field="requested_at",
)
