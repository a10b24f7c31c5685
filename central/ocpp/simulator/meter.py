"""The meter of a simulated connector: a plausible power curve and the energy that follows."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

DIRECT_CURRENT_KW = 40.0
RAMP_SECONDS = 5.0
BATTERY_WH = 60_000
TAPER_FROM = 80.0


@dataclass(frozen=True, slots=True)
class Reading:
    """The meter at one moment: register in Wh, power in W, state of charge in % where the car tells it."""

    at: datetime
    wh: int
    power_w: int
    soc: int | None = None


class Meter:
    """One connector's meter; the register never goes back. `limit_w` is asked what may be taken now."""

    def __init__(
        self, power_kw: float, start_wh: int = 0, limit_w: Callable[[], float | None] = lambda: None
    ) -> None:
        self._limit_w = power_kw * 1000
        self._allowed_w = limit_w
        self._register = float(start_wh)
        self._soc = 0.0
        self._elapsed = 0.0
        self._charging = False

    def plug_in(self, soc: float = 30.0) -> None:
        """A car begins to charge."""
        self._elapsed, self._soc, self._charging = 0.0, soc, True

    def unplug(self) -> None:
        """The car takes no more."""
        self._charging = False

    @property
    def power_w(self) -> int:
        """The power of this moment: it rises, ripples, and falls when a battery fills up."""
        if not self._charging:
            return 0
        ramp = min(1.0, (self._elapsed + 1) / RAMP_SECONDS)
        ripple = 0.98 + 0.02 * math.sin(self._elapsed / 7)
        allowed = self._allowed_w()
        power = self._limit_w * ramp * ripple * self._taper()
        return round(power if allowed is None else min(power, max(0.0, allowed)))

    def advance(self, seconds: float) -> None:
        """Let time pass: energy is power over time, in steps of at most a second."""
        while seconds > 0:
            step = min(seconds, 1.0)
            energy = self.power_w * step / 3600
            self._register += energy
            self._soc = min(100.0, self._soc + 100 * energy / BATTERY_WH)
            self._elapsed += step
            seconds -= step

    def read(self, at: datetime) -> Reading:
        """What the meter shows."""
        return Reading(at, int(self._register), self.power_w, int(self._soc) if self._is_dc else None)

    @property
    def _is_dc(self) -> bool:
        return self._limit_w >= DIRECT_CURRENT_KW * 1000

    def _taper(self) -> float:
        if not self._is_dc or self._soc <= TAPER_FROM:
            return 1.0
        return max(0.05, (100.0 - self._soc) / (100.0 - TAPER_FROM))
