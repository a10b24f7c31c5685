"""The fold itself: a period is cut where another price begins, and each piece is added to its components."""

from collections.abc import ItemsView, Iterator
from datetime import datetime, timedelta
from decimal import ROUND_FLOOR, Decimal
from typing import NamedTuple

from billing.services.rating_plan import (
    CHARGING,
    EXPIRED,
    RESERVED,
    STILL,
    Active,
    Conditions,
    Plan,
    plan_of,
)
from billing.services.rating_state import ZERO, Period, RatingState, Usage
from billing.services.tariff_clock import Span
from billing.services.tariff_structure import ComponentRef, Dimension, TariffStructure

WHOLE = Decimal(1)
MICRO = Decimal("0.000001")
MICROSECOND = timedelta(microseconds=1)
MILLION = 1_000_000
Use = tuple[ComponentRef, Decimal]


class Piece(NamedTuple):
    """A part of a period within which the same price components count, and how much each of them priced."""

    period: Period
    uses: tuple[Use, ...]
    active: tuple[Active, ...]


class Cut(NamedTuple):
    """A moment within a period at which another price may begin; `energy_wh` where energy makes it."""

    share: Decimal
    at: datetime
    energy_wh: Decimal | None = None


class Fold:
    """A rating under way: takes periods in the order of their time."""

    def __init__(self, tariff: TariffStructure, state: RatingState) -> None:
        self._tariff = tariff
        self._plan: Plan = plan_of(tariff)
        self._started_at, self._reserved_at = state.started_at, state.reserved_at
        self._until = state.until
        self._energy, self._time = state.energy_wh, state.time_s
        self._parking, self._reservation = state.parking_time_s, state.reservation_s
        self._usages: dict[ComponentRef, Decimal] = dict(state.usages)
        self._fees = {self._is_reservation(ref) for ref in self._usages if self._is_flat(ref)}
        self._span = self._plan.clock.span(state.until) if state.until is not None else None

    @property
    def state(self) -> RatingState:
        """What to keep."""
        return RatingState(
            self._started_at,
            self._reserved_at,
            self._until,
            self._energy,
            self._time,
            self._parking,
            self._reservation,
            tuple(Usage(*item) for item in self._usages.items()),
        )

    @property
    def usages(self) -> ItemsView[ComponentRef, Decimal]:
        """How much each component has priced so far, the last used one last."""
        return self._usages.items()

    @property
    def begun(self) -> bool:
        """True where there is a charging session, not a reservation alone."""
        return self._started_at is not None

    @property
    def until(self) -> datetime | None:
        """The end of the latest period."""
        return self._until

    def add(self, period: Period) -> list[Piece]:
        """Fold one more period; its pieces."""
        if self._started_at is None:
            self._begin(period)
        plan = self._plan
        if plan.flows:
            period = period._replace(**plan.flow(period)._asdict())
        self._until = period.end
        until = self._look(period.start)[1]
        if plan.is_steady and period.end <= until:
            return [self._add_piece(period)]
        cuts = self._cuts(period, until)
        return [self._add_piece(part) for part in _cut(period, cuts)] if cuts else [self._add_piece(period)]

    def _begin(self, period: Period) -> None:
        if self._reserved_at is None and period.reserves:
            self._reserved_at = period.start
        if period.charges:
            self._started_at = period.start

    def _look(self, at: datetime) -> Span:
        """The clock's answer for a moment; mostly it is that for the moment before."""
        span = self._span
        if span is None or not span[0] <= at < span[1]:
            span = self._span = self._plan.clock.span(at)
        return span

    def _cuts(self, period: Period, until: datetime) -> list[Cut]:
        """Where the clock, the duration or the energy so far may bring in another price."""
        cuts: list[Cut] = []
        plan = self._plan
        if period.end > until or plan.durations:
            cuts += [Cut(_share(period, at), at) for at in self._moments(period)]
        if plan.energies and period.energy_wh:
            cuts += self._energy_cuts(period)
        return sorted(cuts, key=lambda cut: cut.share)

    def _moments(self, period: Period) -> Iterator[datetime]:
        until = self._span[1] if self._span else period.end
        while until < period.end:
            yield until
            until = self._plan.clock.span(until)[1]
        begun = (self._reserved_at if period.reserves else self._started_at) or period.start
        for threshold in self._plan.durations:
            at = begun + timedelta(seconds=int(threshold))
            if period.start < at < period.end:
                yield at

    def _energy_cuts(self, period: Period) -> Iterator[Cut]:
        length = period.end - period.start
        for threshold in self._plan.energies:
            grown = threshold - self._energy
            if 0 < grown < period.energy_wh:
                share = grown / period.energy_wh
                yield Cut(share, period.start + length * float(share), grown)

    def _add_piece(self, piece: Period) -> Piece:
        uses: list[Use] = []
        all_active: tuple[Active, ...] = ()
        reserves = piece.reserves
        if reserves:
            active = self._active(piece, EXPIRED if piece.expired else RESERVED)
            all_active = (active,)
            self._fee(uses, active, reservation=True)
            self._use(uses, active.time, piece.reservation_s)
        if not reserves or piece.charges:
            active = self._active(piece, CHARGING)
            all_active += (active,)
            self._fee(uses, active, reservation=False)
            if piece.energy_wh:
                self._use(uses, active.energy, piece.energy_wh)
            if piece.time_s:
                self._use(uses, active.time, piece.time_s)
            if piece.parking_time_s:
                self._use(uses, active.parking_time, piece.parking_time_s)
        self._energy += piece.energy_wh
        self._time += piece.time_s
        self._parking += piece.parking_time_s
        self._reservation += piece.reservation_s
        return Piece(piece, tuple(uses), all_active)

    def _active(self, piece: Period, phase: str) -> Active:
        plan = self._plan
        clock = self._look(piece.start)[2]
        if plan.is_steady:
            return self._steady(clock, phase)
        begun = self._started_at if phase == CHARGING else self._reserved_at
        seconds = ZERO
        if plan.durations and begun is not None:
            seconds = Decimal((piece.start - begun) // MICROSECOND) / MILLION
        flow = plan.flow(piece) if plan.flows else STILL
        return plan.active(Conditions(clock, self._energy, seconds, flow, phase))

    def _steady(self, clock: int, phase: str) -> Active:
        """What counts where the clock alone decides."""
        known = self._plan.steady
        active = known.get((clock, phase))
        if active is None:
            now = Conditions(clock, ZERO, ZERO, STILL, phase)
            active = known[clock, phase] = self._plan.active(now)
        return active

    def _fee(self, uses: list[Use], active: Active, *, reservation: bool) -> None:
        """A flat fee is due once: the first that applies to the session, and the first to its reservation."""
        if active.flat is not None and reservation not in self._fees:
            self._fees.add(reservation)
            self._use(uses, active.flat, WHOLE)

    def _use(self, uses: list[Use], ref: ComponentRef | None, quantity: Decimal) -> None:
        """Add to a component's usage and move it to the end."""
        if ref is not None and quantity:
            self._usages[ref] = self._usages.pop(ref, ZERO) + quantity
            uses.append((ref, quantity))

    def _is_flat(self, ref: ComponentRef) -> bool:
        return self._tariff.component(ref).dimension is Dimension.FLAT

    def _is_reservation(self, ref: ComponentRef) -> bool:
        return self._tariff.elements[ref[0]].restrictions.reservation is not None


def _share(period: Period, at: datetime) -> Decimal:
    length = (period.end - period.start) // MICROSECOND
    return Decimal((at - period.start) // MICROSECOND) / length


class Quantities(NamedTuple):
    """What a period measured: Wh, and seconds of each kind."""

    energy_wh: Decimal = ZERO
    time_s: Decimal = ZERO
    parking_time_s: Decimal = ZERO
    reservation_s: Decimal = ZERO


def _cut(period: Period, cuts: list[Cut]) -> Iterator[Period]:
    """The parts of a period: energy and times by share, in whole Wh and microseconds, without a rest."""
    start, begun = period.start, Quantities()
    whole = Quantities(period.energy_wh, period.time_s, period.parking_time_s, period.reservation_s)
    for cut in cuts:
        energy = cut.energy_wh
        if energy is None:
            energy = (period.energy_wh * cut.share).quantize(MICRO).quantize(WHOLE, ROUND_FLOOR)
        times = ((total * cut.share).quantize(MICRO) for total in whole[1:])
        reached = Quantities(max(energy, begun.energy_wh), *times)
        yield _between(period, start, cut.at, begun, reached)
        start, begun = cut.at, reached
    yield _between(period, start, period.end, begun, whole)


def _between(period: Period, start: datetime, end: datetime, before: Quantities, after: Quantities) -> Period:
    return period._replace(
        start=start,
        end=end,
        energy_wh=after.energy_wh - before.energy_wh,
        time_s=after.time_s - before.time_s,
        parking_time_s=after.parking_time_s - before.parking_time_s,
        reservation_s=after.reservation_s - before.reservation_s,
    )
