"""A plan for a car that told what it needs: evenly until it leaves. Pure; energy in Wh, power in W.

The rule: the energy asked for, spread over the time until departure and a tenth more, within what the car can
take; what the car can take where it named no energy or no departure. One period; A for AC, W for DC.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any, Final

MARGIN: Final = 1.1
VOLTS: Final = 230.0
PHASES: Final = {"AC_single_phase": 1, "AC_two_phase": 2}
LEAST_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a car said, as far as a plan needs it; `phases` is 0 for DC."""

    energy_wh: float | None
    max_power_w: float | None
    phases: int = 0
    volts: float = VOLTS
    min_current: float = 0.0


def wanted_of(needs: Mapping[str, Any]) -> Wanted:
    """From ChargingNeedsType of 2.0.1 or 2.1 (AC, DC, or ISO 15118-20's v2x parameters)."""
    mode = str(needs.get("requestedEnergyTransfer", ""))
    alternating, direct = needs.get("acChargingParameters"), needs.get("dcChargingParameters")
    both = needs.get("v2xChargingParameters") or {}
    energy, power = both.get("evTargetEnergyRequest"), both.get("maxChargePower")
    if alternating:
        phases = PHASES.get(mode, 3)
        volts = float(alternating["evMaxVoltage"]) or VOLTS
        return Wanted(
            energy_wh=energy or alternating.get("energyAmount"),
            max_power_w=power or alternating["evMaxCurrent"] * volts * phases,
            phases=phases,
            volts=volts,
            min_current=float(alternating["evMinCurrent"]),
        )
    if direct:
        most = direct.get("evMaxPower") or direct["evMaxCurrent"] * direct["evMaxVoltage"]
        return Wanted(energy or direct.get("energyAmount"), power or most)
    return Wanted(energy, power, phases=PHASES.get(mode, 3) if mode.startswith("AC") else 0)


def plan(wanted: Wanted, departure_at: datetime | None, now: datetime) -> dict[str, Any] | None:
    """The schedule (ChargingScheduleType without start) by the rule above; None where nothing is known."""
    power = _power(wanted, departure_at, now)
    if power is None:
        return None
    if not wanted.phases:
        return _schedule("W", {"limit": float(ceil(power))})
    current = max(power / (wanted.volts * wanted.phases), wanted.min_current)
    return _schedule("A", {"limit": ceil(round(current * 10, 6)) / 10, "numberPhases": wanted.phases})


def _schedule(unit: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return {"chargingRateUnit": unit, "chargingSchedulePeriod": [{"startPeriod": 0, **values}]}


def _power(wanted: Wanted, departure_at: datetime | None, now: datetime) -> float | None:
    seconds = (departure_at - now).total_seconds() if departure_at is not None else 0.0
    if not wanted.energy_wh or seconds < LEAST_SECONDS:
        return wanted.max_power_w
    even = wanted.energy_wh * 3600 / seconds * MARGIN
    return even if wanted.max_power_w is None else min(even, wanted.max_power_w)
