"""What ocpi counts for Prometheus: calls of partners and to partners, by module and result."""

from collections.abc import Iterator
from contextlib import contextmanager
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

BOOTSTRAP_TOKENS: Final = counter(
    "ocpi_bootstrap_tokens", "Bootstrap tokens issued, used, revoked, cleaned away", ["event"]
)
REFUSALS: Final = counter(
    "ocpi_failed_authentications", "OCPI requests whose token opens nothing, by what was wrong", ["reason"]
)
REGISTRATIONS: Final = counter(
    "ocpi_registrations", "Handshakes by who began them, and how they ended", ["begun_by", "result"]
)


@contextmanager
def registration_counted(begun_by: str) -> Iterator[None]:
    """Around a handshake that we ("us") or a partner ("partner") began: completed or failed."""
    try:
        yield
    except Exception:
        REGISTRATIONS.labels(begun_by, "failed").inc()
        raise
    REGISTRATIONS.labels(begun_by, "completed").inc()


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
