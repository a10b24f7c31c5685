"""Charging schedules, read: their limits, their steps, their faults. Pure; shapes of OCPP 2.1."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from math import isfinite
from typing import Any, Final

from django.utils.translation import gettext as _

Schedule = Mapping[str, Any]
LIMITS: Final = ("limit", "setpoint", "dischargeLimit")
"""Fields of a period that tell the power of it; the first one present is drawn."""
EARLIEST_YEAR: Final = 1900
LATEST_YEAR: Final = 9000
UPDATABLE: Final = (
    "limit",
    "limit_L2",
    "limit_L3",
    "dischargeLimit",
    "dischargeLimit_L2",
    "dischargeLimit_L3",
    "setpoint",
    "setpoint_L2",
    "setpoint_L3",
    "setpointReactive",
    "setpointReactive_L2",
    "setpointReactive_L3",
)
"""Fields of a period that a dynamic profile may change (2.1 ChargingScheduleUpdateType)."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The lowest and the highest limit of schedules, in `unit` (W, A)."""

    unit: str
    lowest: Decimal | None
    highest: Decimal | None


@dataclass(frozen=True, slots=True)
class Step:
    """From `start` seconds on, the limit; None: the period names none."""

    start: int
    limit: float | None


def bounds(schedules: Iterable[Schedule]) -> Bounds:
    """The bounds over all schedules; the unit is that of the first."""
    units = [str(schedule.get("chargingRateUnit", "")) for schedule in schedules]
    limits = [step.limit for schedule in schedules for step in steps(schedule) if step.limit is not None]
    found = [value for value in map(_decimal, limits) if value is not None]
    return Bounds(units[0][:1] if units else "", min(found, default=None), max(found, default=None))


def steps(schedule: Schedule) -> list[Step]:
    """The periods of a schedule in their order."""
    return [
        Step(int(period.get("startPeriod", 0)), power_of(period))
        for period in schedule.get("chargingSchedulePeriod", ())
    ]


def power_of(period: Mapping[str, Any]) -> float | None:
    """What a period allows: its limit, else its setpoint or limit of discharging."""
    return next((float(period[name]) for name in LIMITS if period.get(name) is not None), None)


def limit_at(schedule: Schedule, seconds: float) -> float | None:
    """The limit `seconds` after the schedule's start; None before, after its duration, or without one."""
    duration = schedule.get("duration")
    if seconds < 0 or (duration is not None and seconds >= duration):
        return None
    current: float | None = None
    for step in steps(schedule):
        if step.start > seconds:
            break
        current = step.limit
    return current


def start_of(schedule: Schedule) -> datetime | None:
    """When a schedule begins by its own words; None without one, or one outside of every calendar."""
    try:
        moment = datetime.fromisoformat(str(schedule["startSchedule"]).upper())
        start = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (KeyError, ValueError, OverflowError):
        return None
    return start if EARLIEST_YEAR < start.year < LATEST_YEAR else None


def schedule_faults(schedules: Any) -> str:
    """Why the specification forbids these schedules in every version, or ''.

    The first period begins at 0 and periods ascend (1.6 §7.13; 2.x K01.FR.31, K01.FR.35).
    """
    if not isinstance(schedules, list) or not schedules:
        return _("Needs a list of schedules.")
    if len(schedules) > 3:
        return _("At most three schedules.")
    return next((fault for fault in map(_fault, schedules) if fault), "")


def _fault(schedule: Any) -> str:
    periods = schedule.get("chargingSchedulePeriod") if isinstance(schedule, dict) else None
    if not isinstance(periods, list) or not periods:
        return _("A schedule needs chargingSchedulePeriod.")
    if schedule.get("chargingRateUnit") not in {"W", "A"}:
        return _("chargingRateUnit is W or A.")
    return _fault_of_order(periods) or _fault_of_values(periods)


def _fault_of_order(periods: Sequence[Any]) -> str:
    starts = [
        period["startPeriod"]
        for period in periods
        if isinstance(period, dict) and type(period.get("startPeriod")) is int
    ]
    if len(starts) < len(periods):
        return _("Each period needs startPeriod in seconds.")
    if starts[0] != 0:
        return _("The first period begins at 0.")
    if any(later <= earlier for earlier, later in pairwise(starts)):
        return _("Periods stand in the order of their start.")
    return ""


def _fault_of_values(periods: Sequence[Mapping[str, Any]]) -> str:
    for period in periods:
        values = [period[name] for name in UPDATABLE if name in period]
        if not all(type(value) in {int, float} and isfinite(value) for value in values):
            return _("Limits are numbers.")
        if period.get("phaseToUse") is not None and period.get("numberPhases") != 1:
            return _("phaseToUse needs numberPhases 1.")
    return ""


def _decimal(value: float) -> Decimal | None:
    try:
        number = Decimal(str(value)).quantize(Decimal("0.001"))
    except InvalidOperation:
        return None
    return number if abs(number) < Decimal(10) ** 12 else None
