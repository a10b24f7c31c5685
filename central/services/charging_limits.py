"""External limits as charge points tell them (2.x K11-K14, K27), and their composite schedules (K08)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from central.models import ChargingLimit, Command, CompositeSchedule
from central.models.charging_limit import LimitState
from central.signals import charging_limits_changed
from emobility.lib.bell import after_commit
from registry.services.events import event_append


@dataclass(frozen=True, slots=True)
class Limit:
    """An external limit; EVSE 0 is the whole charge point, `schedules` in the shape of OCPP 2.1."""

    source: str
    evse_number: int = 0
    is_grid_critical: bool | None = None
    is_local_generation: bool | None = None
    schedules: list[dict[str, Any]] = field(default_factory=list)


def limit_record(*, organization_id: int, charge_point_id: int, limit: Limit, now: datetime) -> None:
    """Keep a limit; it replaces the active one of its source and EVSE. The same again changes nothing."""
    with transaction.atomic():
        place = {"charge_point_id": charge_point_id, "evse_number": limit.evse_number, "source": limit.source}
        active = ChargingLimit.objects.filter(**place, state=LimitState.ACTIVE)
        known = active.select_for_update().order_by("-id").first()
        if known is not None and _same(known, limit):
            return
        active.update(state=LimitState.REPLACED, ended_at=now)
        ChargingLimit.objects.create(
            organization_id=organization_id,
            **place,
            is_grid_critical=limit.is_grid_critical,
            is_local_generation=limit.is_local_generation,
            schedules=limit.schedules,
            at=now,
        )
        data = {"evse": limit.evse_number, "grid_critical": limit.is_grid_critical}
        _tell(organization_id, charge_point_id, "charging_limit.set", limit.source, data, now)


def limit_clear(
    *, organization_id: int, charge_point_id: int, source: str, evse_number: int | None, now: datetime
) -> None:
    """End the limits of a source, at one EVSE or everywhere (K13); the fact is kept also of unknown ones."""
    rows = ChargingLimit.objects.filter(
        charge_point_id=charge_point_id, source=source, state=LimitState.ACTIVE
    )
    if evse_number is not None:
        rows = rows.filter(evse_number=evse_number)
    with transaction.atomic():
        ended = rows.update(state=LimitState.CLEARED, ended_at=now)
        data = {"evse": evse_number, "limits": ended}
        _tell(organization_id, charge_point_id, "charging_limit.cleared", source, data, now)


def composite_record(
    *,
    command: Command,
    evse_number: int,
    starts_at: datetime,
    schedule: Mapping[str, Any],
    now: datetime,
) -> None:
    """Keep the answer to GetCompositeSchedule; the same answer of the same command is kept once."""
    values = {
        "organization_id": command.organization_id,
        "charge_point_id": command.charge_point_id,
        "evse_number": evse_number,
        "starts_at": starts_at,
        "duration": _seconds(schedule.get("duration")),
        "unit": str(schedule.get("chargingRateUnit", ""))[:1],
        "schedule": dict(schedule),
        "at": now,
    }
    CompositeSchedule.objects.update_or_create(command=command, defaults=values)


def _seconds(value: int | None) -> int | None:
    return value if value is not None and 0 <= value < 2**31 else None


def _same(row: ChargingLimit, limit: Limit) -> bool:
    told = (limit.is_grid_critical, limit.is_local_generation, limit.schedules)
    return told == (row.is_grid_critical, row.is_local_generation, row.schedules)


def _tell(
    organization_id: int, charge_point_id: int, kind: str, source: str, data: dict[str, Any], now: datetime
) -> None:
    event_append(
        organization_id=organization_id,
        charge_point_id=charge_point_id,
        kind=kind,
        subject=source,
        data=data,
        now=now,
    )
    after_commit(charging_limits_changed, charge_point_id=charge_point_id)
