"""What a charge point is not asked for while its boot is pending: services for drivers (2.x B02.FR.05)."""

from typing import Final

FOR_DRIVERS: Final = frozenset(
    {
        "CancelReservation",
        "RemoteStartTransaction",
        "RemoteStopTransaction",
        "RequestStartTransaction",
        "RequestStopTransaction",
        "ReserveNow",
        "UnlockConnector",
    }
)
"""Everything else (questions, variables, triggers, certificates, firmware, resets) prepares it."""
