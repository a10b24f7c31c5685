"""From meter values and charger states to charging periods: a fold that bears gaps, resets and silence.

Samples come in the order of their time. What lies between two register readings is settled when the second
one is there: its energy, and for each part whether the car was charging or parked.

- SuspendedEV, Finishing and Idle are parking; Charging and SuspendedEVSE are charging time (a car that wants
  energy and gets none does not park: OCPI 2.2.1 mod_cdrs, note on PARKING_TIME).
- Where the charger says nothing, energy decides: none flowed, none is drawn, so it is parking; but before the
  first energy it is getting ready, not parking.
- Energy is what the register grew; a register that falls starts again from its new value, nothing is ever
  negative. A session's own total is the limit, and its end brings what is missing to it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import accumulate, pairwise
from operator import attrgetter
from typing import Any, NamedTuple

from billing.selectors.sample import Sample
from billing.services.rating_state import ZERO, Period, UnknownStateError

STATE_VERSION = 2
MICROSECOND = timedelta(microseconds=1)
THOUSANDTH = Decimal("0.001")
SAMPLE_TIME = attrgetter("at")
CHARGING_WORDS: Mapping[str, bool] = {
    "Charging": True,
    "SuspendedEVSE": True,
    "SuspendedEV": False,
    "Finishing": False,
    "Idle": False,
}
"""What the states of OCPP 1.6 connectors and of 2.x transactions say; all other words say nothing."""


class Stretch(NamedTuple):
    """Time since the last register reading in one state of the charger (None: it says nothing)."""

    start: datetime
    end: datetime
    charging: bool | None


class PeriodState(NamedTuple):
    """Where the fold stands: `energy_wh` given out so far, `open` stretches waiting for the next reading."""

    started_at: datetime
    at: datetime
    register_wh: int | None = None
    energy_wh: int = 0
    charging: bool | None = None
    power_w: int | None = None
    charged: bool = False
    open: tuple[Stretch, ...] = ()
    current_ma: int | None = None

    def as_json(self) -> dict[str, Any]:
        """A JSON object with the version of its form."""
        return {
            "version": STATE_VERSION,
            "started_at": self.started_at.isoformat(),
            "at": self.at.isoformat(),
            "register_wh": self.register_wh,
            "energy_wh": self.energy_wh,
            "charging": self.charging,
            "power_w": self.power_w,
            "current_ma": self.current_ma,
            "charged": self.charged,
            "open": [[part.start.isoformat(), part.end.isoformat(), part.charging] for part in self.open],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "PeriodState":
        """The state that `as_json` wrote; raises UnknownStateError for any other form."""
        if data.get("version") != STATE_VERSION:
            raise UnknownStateError(f"period state of version {data.get('version')}")
        return cls(
            datetime.fromisoformat(data["started_at"]),
            datetime.fromisoformat(data["at"]),
            data["register_wh"],
            data["energy_wh"],
            data["charging"],
            data["power_w"],
            data["charged"],
            tuple(
                Stretch(datetime.fromisoformat(start), datetime.fromisoformat(end), charging)
                for start, end, charging in data["open"]
            ),
            data["current_ma"],
        )


class PeriodFold:
    """The fold under way: takes samples in the order of their time and gives out what each one settles."""

    __slots__ = (
        "_at",
        "_charged",
        "_charging",
        "_current_ma",
        "_energy_wh",
        "_open",
        "_power_w",
        "_register_wh",
        "_started_at",
    )

    def __init__(self, state: PeriodState) -> None:
        self._started_at, self._at = state.started_at, state.at
        self._register_wh, self._energy_wh = state.register_wh, state.energy_wh
        self._charging, self._charged = state.charging, state.charged
        self._power_w: int | None = state.power_w
        self._current_ma: int | None = state.current_ma
        self._open: list[Stretch] = list(state.open)

    @property
    def state(self) -> PeriodState:
        """What to keep."""
        return PeriodState(
            self._started_at,
            self._at,
            self._register_wh,
            self._energy_wh,
            self._charging,
            self._power_w,
            self._charged,
            tuple(self._open),
            self._current_ma,
        )

    def add(self, sample: Sample, limit_wh: int | None = None) -> list[Period]:
        """The periods that one more sample settles; one that is older than the fold changes nothing."""
        if sample.at < self._at:
            return []
        self._advance(sample.at)
        if sample.state is not None:
            self._charging = CHARGING_WORDS.get(sample.state)
        register, before = sample.register_wh, self._register_wh
        if register is None:
            if sample.power_w is not None:
                self._power_w = sample.power_w
            return []
        grown = 0 if before is None or register < before else register - before
        flows = bool(grown or (self._power_w or 0) > 0 or (sample.power_w or 0) > 0)
        if limit_wh is not None and grown > limit_wh - self._energy_wh:
            grown = max(0, limit_wh - self._energy_wh)
        self._register_wh, self._power_w, self._current_ma = register, sample.power_w, sample.current_ma
        return self._settle(grown, flows=flows)

    def close(self, ended_at: datetime, total_wh: int) -> list[Period]:
        """The rest: what is still missing to `total_wh` belongs to the last stretch."""
        self._advance(max(ended_at, self._at))
        missing = max(0, total_wh - self._energy_wh)
        return self._settle(missing, flows=bool(missing or (self._power_w or 0) > 0))

    def _advance(self, at: datetime) -> None:
        """Time goes on in the present state of the charger."""
        if at == self._at:
            return
        start = self._at
        if self._open and self._open[-1].charging == self._charging:
            start = self._open.pop().start
        self._open.append(Stretch(start, at, self._charging))
        self._at = at

    def _settle(self, energy_wh: int, *, flows: bool) -> list[Period]:
        """Give out the energy of the open stretches and say of each whether the car charged or parked."""
        parts = self._open
        if energy_wh and not parts:
            parts = [Stretch(self._at, self._at, self._charging)]
        silent = flows or not self._charged
        self._energy_wh += energy_wh
        self._open = []
        power, current = _thousandth(self._power_w), _thousandth(self._current_ma)
        if len(parts) == 1:
            kind = parts[0].charging
            self._charged = self._charged or flows or kind is True
            kind = silent if kind is None else kind
            return [_period(parts[0], energy_wh, power, current, charging=kind)]
        self._charged = self._charged or flows or any(part.charging is True for part in parts)
        kinds = [silent if part.charging is None else part.charging for part in parts]
        return [
            _period(part, energy, power, current, charging=kind)
            for part, kind, energy in zip(parts, kinds, _by_time(parts, kinds, energy_wh), strict=True)
        ]


def period_open(started_at: datetime, register_wh: int | None) -> tuple[PeriodState, list[Period]]:
    """The fold at the start of a session, and an empty first period: a start fee is due at once."""
    return PeriodState(started_at, started_at, register_wh), [Period(started_at, started_at)]


def period_add(
    state: PeriodState, sample: Sample, limit_wh: int | None = None
) -> tuple[PeriodState, list[Period]]:
    """The fold after one more sample and the periods that this settled; `limit_wh` caps the session's energy.

    A sample older than the fold stands (out of order) is for the caller to sort in; here it changes nothing.
    """
    fold = PeriodFold(state)
    periods = fold.add(sample, limit_wh)
    return fold.state, periods


def period_close(state: PeriodState, ended_at: datetime, total_wh: int) -> tuple[PeriodState, list[Period]]:
    """The fold at the end of the session: what is still missing to `total_wh` belongs to the last stretch."""
    fold = PeriodFold(state)
    periods = fold.close(ended_at, total_wh)
    return fold.state, periods


def session_periods(
    *,
    started_at: datetime,
    ended_at: datetime,
    register_wh: int | None,
    total_wh: int,
    samples: Iterable[Sample],
) -> list[Period]:
    """All periods of an ended session: in any order given, their energy adds up to `total_wh` exactly.

    Samples outside of the session's time are left out; an end before the start gives one empty period.
    """
    ended_at = max(started_at, ended_at)
    total_wh = max(0, total_wh)
    state, periods = period_open(started_at, register_wh)
    fold = PeriodFold(state)
    for sample in sorted(samples, key=SAMPLE_TIME):
        if started_at <= sample.at <= ended_at:
            periods += fold.add(sample, total_wh)
    return periods + fold.close(ended_at, total_wh)


def periods_merged(periods: Iterable[Period]) -> list[Period]:
    """The same periods with neighbours of one kind (charging, parked) as one; costs the same."""
    merged: list[Period] = []
    for period in periods:
        last = merged[-1] if merged else None
        if last is not None and _same_kind(last, period):
            merged[-1] = Period(
                last.start,
                period.end,
                last.energy_wh + period.energy_wh,
                last.time_s + period.time_s,
                last.parking_time_s + period.parking_time_s,
            )
        else:
            merged.append(period)
    return merged


def _same_kind(one: Period, other: Period) -> bool:
    if one.reserves or other.reserves:
        return False
    return not (one.time_s and other.parking_time_s) and not (one.parking_time_s and other.time_s)


def _by_time(parts: list[Stretch], kinds: list[bool], energy_wh: int) -> list[int]:
    """The energy of each part: by time among those that charge, among all where none does."""
    takers = kinds if any(kinds) else [True] * len(parts)
    weights = [
        (part.end - part.start) // MICROSECOND * takes for part, takes in zip(parts, takers, strict=True)
    ]
    return _shares(energy_wh, weights)


def _shares(total: int, weights: list[int]) -> list[int]:
    """`total` in whole parts by weight, without a rest; the last part takes all where nothing weighs."""
    if not weights:
        return []
    if not sum(weights):
        return [0] * (len(weights) - 1) + [total]
    marks = [total * weight // sum(weights) for weight in accumulate(weights, initial=0)]
    return [after - before for before, after in pairwise(marks)]


def _thousandth(value: int | None) -> Decimal | None:
    return None if value is None else value * THOUSANDTH


def _period(
    part: Stretch,
    energy_wh: int,
    power: Decimal | None,
    current: Decimal | None,
    *,
    charging: bool,
) -> Period:
    start, end = part.start, part.end
    length = end - start
    seconds = Decimal(length.days * 86_400 + length.seconds)
    if length.microseconds:
        seconds += Decimal(length.microseconds).scaleb(-6)
    time_s, parking_s = (seconds, ZERO) if charging else (ZERO, seconds)
    return Period(
        start, end, Decimal(energy_wh), time_s, parking_s, ZERO, False, power, power, current, current
    )
