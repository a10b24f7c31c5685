"""Monitors: set, told, cleared, and reset as a whole (2.x N02-N06)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from central.models import VariableMonitor
from central.services.device_places import Place
from central.services.variables import charge_point_lock

CUSTOM: Final = "CustomMonitor"
HARD_WIRED: Final = "HardWiredMonitor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitor:
    """A monitor as the charge point, or our accepted request, tells it; `origin` is known by 2.1 alone."""

    number: int
    place: Place
    monitor_type: str
    value: float
    severity: int
    transaction: bool = False
    origin: str = ""
    stream_interval: int | None = None
    stream_values: int | None = None

    @property
    def columns(self) -> dict[str, Any]:
        """The monitor as the columns of a row."""
        values = {
            "monitor_type": self.monitor_type,
            "value": self.value,
            "severity": self.severity,
            "transaction": self.transaction,
        }
        if self.origin:
            values["event_notification_type"] = self.origin
        if self.stream_interval is not None or self.stream_values is not None:
            values |= {"stream_interval": self.stream_interval, "stream_values": self.stream_values}
        return self.place.columns | values


def monitors_record(*, charge_point_id: int, monitors: Sequence[Monitor], now: datetime) -> int:
    """Keep monitors by their number; how many. One that was gone is there again."""
    if not monitors:
        return 0
    with transaction.atomic():
        charge_point_lock(charge_point_id)
        rows = VariableMonitor.objects.filter(
            charge_point_id=charge_point_id, number__in=[each.number for each in monitors]
        )
        known = {row.number: row for row in rows}
        for each in monitors:
            row = known.get(each.number)
            if row is None or (row.key, row.monitor_type) != (each.place.key, each.monitor_type):
                row = _anew(charge_point_id, each, row)
            known[each.number] = row
            for name, value in each.columns.items():
                setattr(row, name, value)
            row.told_at, row.gone_at = now, None
            row.save()
    return len(known)


def monitors_cleared(*, charge_point_id: int, numbers: Sequence[int], now: datetime) -> int:
    """Note monitors that the charge point removed or does not have (N06); how many were known."""
    known = VariableMonitor.objects.filter(charge_point_id=charge_point_id, number__in=numbers, gone_at=None)
    return known.update(gone_at=now)


def monitors_reset(*, charge_point_id: int, base: str, now: datetime) -> int:
    """What a new monitoring base leaves behind (N03.FR.03-05); how many monitors went."""
    known = VariableMonitor.objects.filter(charge_point_id=charge_point_id, gone_at=None)
    if base == "FactoryDefault":
        return known.filter(event_notification_type=CUSTOM).update(gone_at=now)
    if base == "HardWiredOnly":
        return known.exclude(event_notification_type__in=(HARD_WIRED, "")).update(gone_at=now)
    return 0


def _anew(charge_point_id: int, monitor: Monitor, row: VariableMonitor | None) -> VariableMonitor:
    """A number given to another monitor tells nothing of the one before."""
    pk = row.pk if row else None
    return VariableMonitor(pk=pk, charge_point_id=charge_point_id, number=monitor.number)
