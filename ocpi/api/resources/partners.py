"""REST: partners, what they told us of places, prices, sessions and CDRs, whether their bills are right."""

from typing import Final

from central.api.records import record
from ocpi.models import CdrCheck, Partner, ReceivedCdr, ReceivedLocation, ReceivedSession, ReceivedTariff
from registry.rights import Right

TOLD: Final = ("partner", "country_code", "party_id", "object_id", "version")
WHEN: Final = ("payload", "received_at", "last_updated")
BY: Final = ("partner", "country_code", "party_id", "object_id")

record(
    "partners",
    Partner,
    fields=(
        "country_code",
        "party_id",
        "name",
        "status",
        "version",
        "roles",
        "registered_at",
        "last_contact",
    ),
    filters=("country_code", "party_id", "status", "version"),
)
record(
    "received-locations",
    ReceivedLocation,
    fields=(
        *TOLD,
        "name",
        "address",
        "city",
        "country",
        "latitude",
        "longitude",
        "is_public",
        "evse_count",
        "free_count",
        "removed_at",
        *WHEN,
    ),
    filters=(*BY, "city", "country", "is_public"),
    time_field="last_updated",
)
record(
    "received-tariffs",
    ReceivedTariff,
    fields=(*TOLD, "currency", "removed_at", *WHEN),
    filters=(*BY, "currency"),
    time_field="last_updated",
)
for path, model in (("received-sessions", ReceivedSession), ("received-cdrs", ReceivedCdr)):
    record(path, model, fields=(*TOLD, *WHEN), filters=BY, time_field="last_updated")
record(
    "received-cdr-checks",
    CdrCheck,
    fields=(
        "cdr",
        "state",
        "currency",
        "told_excl",
        "told_incl",
        "own_excl",
        "own_incl",
        "difference",
        "tariff_from",
        "faults",
        "lines",
        "checked_at",
    ),
    filters=("cdr", "state", "currency"),
    time_field="checked_at",
    ordering=(),
    see_right=Right.INSPECT,
)
