"""A tariff made ready for rating: which components count under which conditions, worked out once."""

from bisect import bisect_right
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from billing.services.rating_state import ZERO, Period
from billing.services.tariff_clock import TariffClock
from billing.services.tariff_structure import (
    ComponentRef,
    Dimension,
    Reservation,
    Restrictions,
    TariffStructure,
)

VOLTS = Decimal(230)
KW_OF_WH_PER_S = Decimal("3.6")
CHARGING, RESERVED, EXPIRED = "charging", "reserved", "expired"
PLAN = "plan"


class Active(NamedTuple):
    """The component that counts for each dimension, or None; `cell` names the conditions under which."""

    flat: ComponentRef | None
    energy: ComponentRef | None
    time: ComponentRef | None
    parking_time: ComponentRef | None
    cell: tuple[object, ...]


class Flow(NamedTuple):
    """Lowest and highest power (kW) and current (A, sum over the phases) of a period."""

    min_power: Decimal
    max_power: Decimal
    min_current: Decimal
    max_current: Decimal


class Conditions(NamedTuple):
    """All that restrictions ask for at a moment: clock answer, Wh and seconds so far, flow, phase."""

    clock: int
    energy_wh: Decimal
    seconds: Decimal
    flow: Flow
    phase: str


STILL = Flow(ZERO, ZERO, ZERO, ZERO)


class Plan:
    """A tariff's thresholds, its clock, and the active components of every condition met so far."""

    def __init__(self, tariff: TariffStructure) -> None:
        self._tariff = tariff
        rules = [element.restrictions for element in tariff.elements]
        self.clock = TariffClock(rules, tariff.time_zone)
        self.energies = _thresholds(
            Decimal(1000) * value for rule in rules for value in (rule.min_kwh, rule.max_kwh) if value
        )
        self.durations = _thresholds(
            Decimal(value) for rule in rules for value in (rule.min_duration, rule.max_duration) if value
        )
        self._powers = _thresholds(
            value for rule in rules for value in (rule.min_power, rule.max_power) if value is not None
        )
        self._currents = _thresholds(
            value for rule in rules for value in (rule.min_current, rule.max_current) if value is not None
        )
        self.flows = bool(self._powers or self._currents)
        self.is_steady = not (self.flows or self.energies or self.durations)
        self.steady: dict[tuple[int, str], Active] = {}
        self._known: dict[tuple[object, ...], Active] = {}

    def active(self, now: Conditions) -> Active:
        """For each dimension the component of the first element that prices it and whose conditions hold."""
        flow = now.flow
        key = (
            now.clock,
            bisect_right(self.energies, now.energy_wh),
            bisect_right(self.durations, now.seconds),
            now.phase,
            *((bisect_right(self._powers, value) for value in flow[:2]) if self._powers else ()),
            *((bisect_right(self._currents, value) for value in flow[2:]) if self._currents else ()),
        )
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._search(now, key)
        return found

    def flow(self, period: Period) -> Flow:
        """What flowed: as measured, else worked out from the energy, and the current at 230 V a phase.

        Where one end alone was measured it stands for both; what nothing is known of counts as none.
        """
        if not self.flows:
            return STILL
        low, high = _ends(period.min_power, period.max_power, _mean_power(period))
        lowest, highest = _ends(period.min_current, period.max_current, low * 1000 / VOLTS)
        if period.min_current is None and period.max_current is None:
            highest = high * 1000 / VOLTS
        return Flow(low, high, lowest, highest)

    def _search(self, now: Conditions, cell: tuple[object, ...]) -> Active:
        matching = [
            number
            for number, element in enumerate(self._tariff.elements)
            if _holds(element.restrictions, now)
        ]
        matching = [number for number in matching if now.clock >> number & 1]
        if now.phase == EXPIRED:
            # OCPI 2.2.1 §11.4.3: an expired reservation is priced by RESERVATION_EXPIRES where it prices.
            matching.sort(key=self._is_plain_reservation)
        found: dict[Dimension, ComponentRef] = {}
        for number in matching:
            for index, part in enumerate(self._tariff.elements[number].components):
                found.setdefault(part.dimension, (number, index))
        return Active(
            found.get(Dimension.FLAT),
            found.get(Dimension.ENERGY),
            found.get(Dimension.TIME),
            found.get(Dimension.PARKING_TIME),
            cell,
        )

    def _is_plain_reservation(self, number: int) -> bool:
        return self._tariff.elements[number].restrictions.reservation is Reservation.USED


def plan_of(tariff: TariffStructure) -> Plan:
    """The plan of a tariff, made once."""
    plan: Plan | None = tariff.memo.get(PLAN)
    if plan is None:
        plan = tariff.memo[PLAN] = Plan(tariff)
    return plan


def _thresholds(values: Iterable[Decimal]) -> list[Decimal]:
    return sorted(set(values))


def _holds(rule: Restrictions, now: Conditions) -> bool:
    """True where everything but the clock matches."""
    return (
        _phase_holds(rule.reservation, now.phase)
        and _within(rule.min_kwh, rule.max_kwh, now.energy_wh / 1000, now.energy_wh / 1000)
        and _within(rule.min_duration, rule.max_duration, now.seconds, now.seconds)
        and _within(rule.min_power, rule.max_power, now.flow.min_power, now.flow.max_power)
        and _within(rule.min_current, rule.max_current, now.flow.min_current, now.flow.max_current)
    )


def _phase_holds(reservation: Reservation | None, phase: str) -> bool:
    if phase == CHARGING:
        return reservation is None
    return reservation is Reservation.USED or (reservation is Reservation.EXPIRED and phase == EXPIRED)


def _within(least: Decimal | int | None, below: Decimal | int | None, low: Decimal, high: Decimal) -> bool:
    return (least is None or low >= least) and (below is None or high < below)


def _ends(low: Decimal | None, high: Decimal | None, mean: Decimal) -> tuple[Decimal, Decimal]:
    """Both ends: each as measured, else as the other end, else the mean."""
    if low is None:
        low = mean if high is None else high
    return low, (low if high is None else high)


def _mean_power(period: Period) -> Decimal:
    if not period.energy_wh:
        return ZERO
    length = (period.end - period.start).total_seconds()
    seconds = period.time_s or (Decimal(length) if length else ZERO)
    return period.energy_wh * KW_OF_WH_PER_S / seconds if seconds else ZERO
