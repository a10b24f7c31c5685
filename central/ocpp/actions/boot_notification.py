"""BootNotification: a charge point has started (1.6 §4.2, 2.x B01)."""

from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings

from central.models.charge_point_status import BootStatus
from central.ocpp.context import Context
from central.ocpp.router import Request, action
from central.ocpp.vocabulary import format_time
from central.services.acceptance import PENDING_INTERVAL
from central.services.boots import Boot, boots_record

Calls = Sequence[tuple[Context, Request]]


@action("BootNotification", versions=("1.6",), many=True)
def handle_1_6(calls: Calls) -> Sequence[dict[str, Any]]:
    """Store vendor, model, serial number and firmware; answer status, interval and time."""
    return _served(calls, _of_1_6)


@action("BootNotification", versions=("2.0.1", "2.1"), many=True)
def handle_2(calls: Calls) -> Sequence[dict[str, Any]]:
    """The same from `chargingStation`, with the reason of the boot."""
    return _served(calls, _of_2)


def _of_1_6(ctx: Context, request: Request) -> Boot:
    return Boot(
        charge_point_id=ctx.charge_point_id,
        version=ctx.version,
        now=ctx.now,
        vendor=request["chargePointVendor"],
        model=request["chargePointModel"],
        serial_number=request.get("chargePointSerialNumber") or request.get("chargeBoxSerialNumber", ""),
        firmware_version=request.get("firmwareVersion", ""),
        details=request,
    )


def _of_2(ctx: Context, request: Request) -> Boot:
    station = request["chargingStation"]
    return Boot(
        charge_point_id=ctx.charge_point_id,
        version=ctx.version,
        now=ctx.now,
        vendor=station["vendorName"],
        model=station["model"],
        serial_number=station.get("serialNumber", ""),
        firmware_version=station.get("firmwareVersion", ""),
        reason=request["reason"],
        details=station,
    )


def _served(calls: Calls, read: Callable[[Context, Request], Boot]) -> Sequence[dict[str, Any]]:
    statuses = boots_record([read(ctx, request) for ctx, request in calls])
    return [_answer(ctx, status) for (ctx, _), status in zip(calls, statuses, strict=True)]


def _answer(ctx: Context, status: BootStatus) -> dict[str, Any]:
    interval: int = settings.OCPP_HEARTBEAT_INTERVAL
    return {
        "currentTime": format_time(ctx.now),
        "interval": min(interval, PENDING_INTERVAL) if status == BootStatus.PENDING else interval,
        "status": status.value,
    }
