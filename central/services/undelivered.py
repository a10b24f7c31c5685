"""What was written down with an order that then never arrived: found by looking at the orders."""

from datetime import datetime
from typing import Any, Final

from central.models import BatterySwap, ChargePointTariff, DerControl, DerReport, WebPayment
from central.models.command import CommandState

LOST: Final = (
    CommandState.FAILED,
    CommandState.TIMED_OUT,
    CommandState.UNKNOWN,
    CommandState.EXPIRED,
    CommandState.CANCELLED,
)
FOLLOWERS: Final[tuple[Any, ...]] = (BatterySwap, ChargePointTariff, DerControl, DerReport, WebPayment)
"""Models with `command`, `state` (requested, undelivered) and `changed_at`. A late answer still counts."""


def undelivered_mark(*, now: datetime) -> int:
    """Rows that wait for an order which failed, expired, was cancelled or got lost; how many."""
    found = 0
    for model in FOLLOWERS:
        rows = model.objects.filter(state="requested", command__state__in=LOST)
        found += rows.update(state="undelivered", changed_at=now)
    return found
