"""What rating remembers: charging periods go in, the quantities of each price component stay."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from billing.services.tariff_structure import ComponentRef

STATE_VERSION = 2
ZERO = Decimal(0)


class UnknownStateError(ValueError):
    """The stored state was written by another version: fold again from the start."""


class Period(NamedTuple):
    """A part of a session: energy in Wh, times in seconds, its ends aware UTC.

    The quantities are those of the OCPI dimensions ENERGY, TIME, PARKING_TIME and RESERVATION_TIME (2.2.1
    §10.4.6); `expired` marks a reservation that nobody came for, `reserved` one whose fee is due although no
    time of it counts. Power in kW and current in A (sum over the phases) are what was measured, lowest and
    highest; None where it was not.
    """

    start: datetime
    end: datetime
    energy_wh: Decimal = ZERO
    time_s: Decimal = ZERO
    parking_time_s: Decimal = ZERO
    reservation_s: Decimal = ZERO
    expired: bool = False
    min_power: Decimal | None = None
    max_power: Decimal | None = None
    min_current: Decimal | None = None
    max_current: Decimal | None = None
    reserved: bool = False

    @property
    def reserves(self) -> bool:
        """True where this is of a reservation."""
        return bool(self.reservation_s) or self.expired or self.reserved

    @property
    def charges(self) -> bool:
        """True where this is of the session itself; a reservation alone is not."""
        return bool(self.energy_wh or self.time_s or self.parking_time_s) or not self.reserves


class Usage(NamedTuple):
    """How much one price component has priced so far: Wh, seconds, or 1 for a flat fee."""

    ref: ComponentRef
    quantity: Decimal


class RatingState(NamedTuple):
    """The fold so far: its size depends on the tariff, never on the number of periods.

    `usages` stand in the order of their latest use: the step size needs the last one. `started_at` is the
    start of the session without its reservation; durations count from there, from `reserved_at` within one.
    """

    started_at: datetime | None = None
    reserved_at: datetime | None = None
    until: datetime | None = None
    energy_wh: Decimal = ZERO
    time_s: Decimal = ZERO
    parking_time_s: Decimal = ZERO
    reservation_s: Decimal = ZERO
    usages: tuple[Usage, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """A JSON object with the version of its form; Decimals as text."""
        return {
            "version": STATE_VERSION,
            "started_at": _text(self.started_at),
            "reserved_at": _text(self.reserved_at),
            "until": _text(self.until),
            "energy_wh": str(self.energy_wh),
            "time_s": str(self.time_s),
            "parking_time_s": str(self.parking_time_s),
            "reservation_s": str(self.reservation_s),
            "usages": [[*usage.ref, str(usage.quantity)] for usage in self.usages],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "RatingState":
        """The state that `as_json` wrote; raises UnknownStateError for any other form."""
        if data.get("version") != STATE_VERSION:
            raise UnknownStateError(f"rating state of version {data.get('version')}")
        return cls(
            _time(data["started_at"]),
            _time(data["reserved_at"]),
            _time(data["until"]),
            Decimal(data["energy_wh"]),
            Decimal(data["time_s"]),
            Decimal(data["parking_time_s"]),
            Decimal(data["reservation_s"]),
            tuple(Usage((element, part), Decimal(amount)) for element, part, amount in data["usages"]),
        )


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
