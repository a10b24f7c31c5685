"""REST: tariffs at charge points, and what charge points calculate by them."""

from central.api.records import record
from central.models import ChargePointTariff, SessionCost

record(
    "charge-point-tariffs",
    ChargePointTariff,
    fields=(
        "charge_point",
        "command",
        "tariff_id",
        "kind",
        "evse_numbers",
        "id_tags",
        "session",
        "tariff",
        "valid_from",
        "state",
        "changed_at",
        "word",
        "reported_at",
    ),
    filters=("charge_point", "tariff_id", "kind", "state"),
    time_field="changed_at",
)
record(
    "session-costs",
    SessionCost,
    fields=(
        "charge_point",
        "session",
        "tariff_id",
        "currency",
        "total_excl",
        "total_incl",
        "failed",
        "failure",
        "details",
        "is_final",
        "at",
    ),
    filters=("charge_point", "session", "tariff_id", "failed", "is_final"),
    time_field="at",
)
