"""BootNotification: a charge point has started (1.6 §4.2, 2.x B01)."""

from typing import Any

from django.conf import settings

from central.models.charge_point_status import BootStatus
from central.ocpp.context import Context
from central.ocpp.router import action
from central.ocpp.vocabulary import format_time
from central.services.acceptance import PENDING_INTERVAL
from central.services.boots import Boot, boot_record


@action("BootNotification", versions=("1.6",))
def handle_1_6(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Store vendor, model, serial number and firmware; answer status, interval and time."""
    boot = Boot(
        charge_point_id=ctx.charge_point_id,
        version=ctx.version,
        vendor=request["chargePointVendor"],
        model=request["chargePointModel"],
        serial_number=request.get("chargePointSerialNumber") or request.get("chargeBoxSerialNumber", ""),
        firmware_version=request.get("firmwareVersion", ""),
        details=request,
    )
    return _answer(ctx, boot)


@action("BootNotification", versions=("2.0.1", "2.1"))
def handle_2(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    """The same from `chargingStation`, with the reason of the boot."""
    station = request["chargingStation"]
    boot = Boot(
        charge_point_id=ctx.charge_point_id,
        version=ctx.version,
        vendor=station["vendorName"],
        model=station["model"],
        serial_number=station.get("serialNumber", ""),
        firmware_version=station.get("firmwareVersion", ""),
        reason=request["reason"],
        details=station,
    )
    return _answer(ctx, boot)


def _answer(ctx: Context, boot: Boot) -> dict[str, Any]:
    status = boot_record(boot=boot, now=ctx.now)
    return {
        "currentTime": format_time(ctx.now),
        "interval": min(settings.OCPP_HEARTBEAT_INTERVAL, PENDING_INTERVAL)
        if status == BootStatus.PENDING
        else settings.OCPP_HEARTBEAT_INTERVAL,
        "status": status,
    }
