"""A reading: the samples of one moment, in units of ours and as received. Plain data, no tables."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(slots=True)
class Reading:
    """What was sampled at `sampled_at` (aware UTC): Wh, W, mA, mV, percent; None where it was not given.

    `samples` holds every sample word for word; `flags` says what could not be understood
    (`unreadable_value`, `unknown_unit`, `out_of_range`, `negative_register`).
    """

    sampled_at: datetime
    context: str = ""
    register_wh: int | None = None
    power_w: int | None = None
    current_ma: int | None = None
    voltage_mv: int | None = None
    state_of_charge: int | None = None
    samples: list[dict[str, Any]] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
