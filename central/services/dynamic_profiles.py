"""Dynamic profiles (2.1 K28): pushed with UpdateDynamicSchedule, or pulled by the charge point."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet

from central.models import ChargingProfile
from central.models.charging_profile import Kind
from central.services.charging_profiles import THERE, row_fill, tell
from central.services.charging_rules import Profile
from central.services.schedules import UPDATABLE

Values = Mapping[str, Any]
REJECTED: Final = "Rejected"


def dynamic_updated(
    *, charge_point_id: int, number: int, values: Values, status: str, at: str, now: datetime
) -> bool:
    """What the answer to UpdateDynamicSchedule means: the stored period follows, of the time `at`."""
    if status != "Accepted":
        return False
    with transaction.atomic():
        row = _rows(charge_point_id, number).select_for_update().first()
        if row is not None:
            _apply(row, values, at)
            tell(row, now)
    return True


def dynamic_pulled(*, charge_point_id: int, number: int, at: str) -> dict[str, Any] | None:
    """The values for a charge point that asks (K28.FR.07); None: no such dynamic profile (K28.FR.12)."""
    with transaction.atomic():
        row = _rows(charge_point_id, number).select_for_update().first()
        if row is None or not row.schedules:
            return None
        period = row.schedules[0]["chargingSchedulePeriod"][0]
        row.options = {**row.options, "dynUpdateTime": at}
        row.save(update_fields=["options"])
    return {name: period[name] for name in UPDATABLE if name in period}


def _rows(charge_point_id: int, number: int) -> QuerySet[ChargingProfile]:
    rows = ChargingProfile.objects.filter(charge_point_id=charge_point_id, number=number, kind=Kind.DYNAMIC)
    return rows.filter(state__in=THERE).order_by("-id")


def _apply(row: ChargingProfile, values: Values, at: str) -> None:
    schedule = row.schedules[0]
    period = {**schedule["chargingSchedulePeriod"][0], **values}
    profile = Profile(
        purpose=row.purpose,
        schedules=[{**schedule, "chargingSchedulePeriod": [period]}],
        kind=row.kind,
        evse_number=row.evse_number,
        stack_level=row.stack_level,
        recurrency=row.recurrency,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        transaction_id=row.transaction_id,
        options={**row.options, "dynUpdateTime": at},
    )
    row_fill(row, profile)
    row.save()
