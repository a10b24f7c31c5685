"""REST: what providers of partners' tokens said."""

from central.api.records import record
from central.models import ProviderAnswer

record(
    "provider-answers",
    ProviderAnswer,
    fields=(
        "charge_point",
        "id_token",
        "status",
        "word",
        "reference",
        "message",
        "by_order",
        "at",
        "good_until",
    ),
    filters=("id_token", "status", "word", "reference"),
    time_field="at",
)
