"""What ocpi counts for Prometheus: calls of partners and to partners, by module and result."""

from typing import Final

from emobility.lib.metrics import counter

MODULES: Final = frozenset(
    {
        "versions",
        "version_details",
        "credentials",
        "locations",
        "sessions",
        "cdrs",
        "tariffs",
        "tokens",
        "commands",
        "chargingprofiles",
        "hubclientinfo",
        "bookings",
        "payments",
    }
)
"""What OCPI knows: whatever else a caller writes is one value."""
CALLS: Final = counter("ocpi_calls", "OCPI requests with their answers", ["direction", "module", "result"])


def call_count(*, outgoing: bool, module: str, http_status: int | None, status_code: int | None) -> None:
    """Count a request: ok, refused (4xx, or OCPI's 2xxx), failed (5xx, 3xxx), silent (no answer)."""
    name = module if module in MODULES else "other"
    CALLS.labels("out" if outgoing else "in", name, _result(http_status, status_code)).inc()


def _result(http_status: int | None, status_code: int | None) -> str:
    if http_status is None:
        return "silent"
    if http_status >= 500 or (status_code or 0) >= 3000:
        return "failed"
    return "refused" if http_status >= 300 or (status_code or 1000) >= 2000 else "ok"
