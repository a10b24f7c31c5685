"""Asking for a boot message: what an accepted charge point waits for."""

from datetime import datetime

import structlog

from central.ocpp.ordering import order_place
from emobility.lib.errors import DomainError
from registry.models import ChargePoint, User

log = structlog.get_logger(__name__)


def boot_ask(*, charge_point: ChargePoint, requested_by: User | None, source: str, now: datetime) -> bool:
    """Trigger BootNotification; without it the charge point asks by itself after its interval (B02.FR.08)."""
    try:
        order_place(
            charge_point=charge_point,
            order="trigger",
            params={"message": "BootNotification"},
            requested_by=requested_by,
            source=source,
            now=now,
        )
    except DomainError as error:
        log.info("ocpp.boot_not_asked", charge_point=charge_point.cp_id, why=error.message)
        return False
    return True
