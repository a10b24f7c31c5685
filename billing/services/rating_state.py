"""What rating remembers: charging periods go in, the quantities of each price component stay."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from billing.services.tariff_structure import ComponentRef

STATE_VERSION = 1
ZERO = Decimal(0)


class UnknownStateError(ValueError):
    """The stored state was written by another version: fold again from the start."""


@dataclass(frozen=True, slots=True)
class Period:
    """A part of a session: energy in Wh, time charging and time parked in seconds, both aware UTC.

    The quantities are those of the OCPI dimensions ENERGY, TIME and PARKING_TIME (OCPI 2.2.1 §10.4.6).
    """

    start: datetime
    end: datetime
    energy_wh: Decimal = ZERO
    time_s: Decimal = ZERO
    parking_time_s: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Usage:
    """How much one price component has priced so far: Wh, seconds, or 1 for a flat fee."""

    ref: ComponentRef
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class RatingState:
    """The fold so far. `usages` stand in the order of their latest use: the step size needs the last one."""

    started_at: datetime | None = None
    until: datetime | None = None
    energy_wh: Decimal = ZERO
    time_s: Decimal = ZERO
    parking_time_s: Decimal = ZERO
    usages: tuple[Usage, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """A JSON object with the version of its form; Decimals as text."""
        return {
            "version": STATE_VERSION,
            "started_at": self.started_at.isoformat() if self.started_at else None,
            "until": self.until.isoformat() if self.until else None,
            "energy_wh": str(self.energy_wh),
            "time_s": str(self.time_s),
            "parking_time_s": str(self.parking_time_s),
            "usages": [[*usage.ref, str(usage.quantity)] for usage in self.usages],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "RatingState":
        """The state that `as_json` wrote; raises UnknownStateError for any other form."""
        if data.get("version") != STATE_VERSION:
            raise UnknownStateError(f"rating state of version {data.get('version')}")
        return cls(
            _time(data["started_at"]),
            _time(data["until"]),
            Decimal(data["energy_wh"]),
            Decimal(data["time_s"]),
            Decimal(data["parking_time_s"]),
            tuple(Usage((element, part), Decimal(amount)) for element, part, amount in data["usages"]),
        )


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
