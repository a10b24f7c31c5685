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
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import accumulate, pairwise
from typing import Any

from billing.selectors.sample import Sample
from billing.services.rating_state import ZERO, Period, UnknownStateError

STATE_VERSION = 1
MICROSECOND = timedelta(microseconds=1)
CHARGING_WORDS: Mapping[str, bool] = {
    "Charging": True,
    "SuspendedEVSE": True,
    "SuspendedEV": False,
    "Finishing": False,
    "Idle": False,
}
"""What the states of OCPP 1.6 connectors and of 2.x transactions say; all other words say nothing."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Time since the last register reading in one state of the charger (None: it says nothing)."""

    start: datetime
    end: datetime
    charging: bool | None


@dataclass(frozen=True, slots=True)
class PeriodState:
    """Where the fold stands: `energy_wh` given out so far, `open` stretches waiting for the next reading."""

    started_at: datetime
    at: datetime
    register_wh: int | None = None
    energy_wh: int = 0
    charging: bool | None = None
    power_w: int | None = None
    charged: bool = False
    open: tuple[Stretch, ...] = ()

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
        )


def period_open(started_at: datetime, register_wh: int | None) -> tuple[PeriodState, list[Period]]:
    """The fold at the start of a session, and an empty first period: a start fee is due at once."""
    return PeriodState(started_at, started_at, register_wh), [Period(started_at, started_at)]


def period_add(
    state: PeriodState, sample: Sample, limit_wh: int | None = None
) -> tuple[PeriodState, list[Period]]:
    """The fold after one more sample and the periods that this settled; `limit_wh` caps the session's energy.

    A sample older than the fold stands (out of order) is for the caller to sort in; here it changes nothing.
    """
    if sample.at < state.at:
        return state, []
    state = _advance(state, sample.at)
    if sample.state is not None:
        state = replace(state, charging=CHARGING_WORDS.get(sample.state))
    if sample.register_wh is None:
        return (state if sample.power_w is None else replace(state, power_w=sample.power_w)), []
    grown = 0 if state.register_wh is None else max(0, sample.register_wh - state.register_wh)
    flows = bool(grown or (state.power_w or 0) > 0 or (sample.power_w or 0) > 0)
    state, periods = _settle(state, _capped(state, grown, limit_wh), flows=flows)
    return replace(state, register_wh=sample.register_wh, power_w=sample.power_w), periods


def period_close(state: PeriodState, ended_at: datetime, total_wh: int) -> tuple[PeriodState, list[Period]]:
    """The fold at the end of the session: what is still missing to `total_wh` belongs to the last stretch."""
    state = _advance(state, max(ended_at, state.at))
    missing = max(0, total_wh - state.energy_wh)
    return _settle(state, missing, flows=bool(missing or (state.power_w or 0) > 0))


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
    for sample in sorted(samples, key=lambda each: each.at):
        if started_at <= sample.at <= ended_at:
            state, more = period_add(state, sample, total_wh)
            periods.extend(more)
    _, more = period_close(state, ended_at, total_wh)
    return periods + more


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
    return not (one.time_s and other.parking_time_s) and not (one.parking_time_s and other.time_s)


def _advance(state: PeriodState, at: datetime) -> PeriodState:
    """Time goes on in the present state of the charger."""
    if at == state.at:
        return state
    last = state.open[-1] if state.open else None
    if last is not None and last.charging == state.charging:
        stretches = (*state.open[:-1], replace(last, end=at))
    else:
        stretches = (*state.open, Stretch(state.at, at, state.charging))
    return replace(state, at=at, open=stretches)


def _capped(state: PeriodState, grown: int, limit_wh: int | None) -> int:
    return grown if limit_wh is None else max(0, min(grown, limit_wh - state.energy_wh))


def _settle(state: PeriodState, energy_wh: int, *, flows: bool) -> tuple[PeriodState, list[Period]]:
    """Give out the energy of the open stretches and say of each whether the car charged or parked."""
    parts = state.open
    if energy_wh and not parts:
        parts = (Stretch(state.at, state.at, state.charging),)
    silent = flows or not state.charged
    kinds = [silent if part.charging is None else part.charging for part in parts]
    takers = kinds if any(kinds) else [True] * len(parts)
    weights = [
        (part.end - part.start) // MICROSECOND * takes for part, takes in zip(parts, takers, strict=True)
    ]
    periods = [
        _period(part, energy, charging=kind)
        for part, kind, energy in zip(parts, kinds, _shares(energy_wh, weights), strict=True)
    ]
    charged = state.charged or flows or any(part.charging is True for part in parts)
    return replace(state, energy_wh=state.energy_wh + energy_wh, charged=charged, open=()), periods


def _shares(total: int, weights: list[int]) -> list[int]:
    """`total` in whole parts by weight, without a rest; the last part takes all where nothing weighs."""
    if not weights:
        return []
    if not sum(weights):
        return [0] * (len(weights) - 1) + [total]
    marks = [total * weight // sum(weights) for weight in accumulate(weights, initial=0)]
    return [after - before for before, after in pairwise(marks)]


def _period(part: Stretch, energy_wh: int, *, charging: bool) -> Period:
    seconds = Decimal((part.end - part.start) // MICROSECOND) / 1_000_000
    return Period(
        part.start,
        part.end,
        Decimal(energy_wh),
        seconds if charging else ZERO,
        ZERO if charging else seconds,
    )
