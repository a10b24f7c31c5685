"""Rating: a fold of charging periods into quantities for each price component, settled into price lines.

`rate` is nothing but `settle` of the fold from the start, so a running session keeps a state of constant size
and a whole session costs the same as the sum of its moments. Pure: no database, no clock, Decimal only,
nothing rounded before the last step.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum
from functools import reduce
from typing import Any

from billing.services.rating_state import ZERO, Period, RatingState, Usage
from billing.services.tariff_structure import UNIT_SIZE, ComponentRef, Dimension, PriceLimit, TariffStructure
from emobility.lib.money import amount4


class Reason(StrEnum):
    """Why a price line is what it is."""

    FEE = "fee"
    MEASURED = "measured"
    STEP = "step"
    MINIMUM = "minimum"
    MAXIMUM = "maximum"


@dataclass(frozen=True, slots=True)
class Line:
    """One price line. Quantities in Wh or seconds (1 for a fee): as measured, and as billed by the step size.

    `excl` and `incl` are exact; a limit's line has no price and raises or lowers the total to the limit.
    """

    dimension: str
    quantity: Decimal
    billed: Decimal
    unit_price: Decimal | None
    vat: Decimal | None
    step_size: int
    excl: Decimal
    incl: Decimal
    reason: Reason

    def as_json(self) -> dict[str, Any]:
        """The line for storage and REST: numbers as text, amounts with four decimals."""
        return {
            "dimension": self.dimension,
            "quantity": str(self.quantity),
            "billed": str(self.billed),
            "unit_price": None if self.unit_price is None else str(self.unit_price),
            "vat": None if self.vat is None else str(self.vat),
            "step_size": self.step_size,
            "excl_vat": str(amount4(self.excl)),
            "incl_vat": str(amount4(self.incl)),
            "reason": self.reason.value,
        }


@dataclass(frozen=True, slots=True)
class Rating:
    """What a session costs: its lines, whose exact sums are rounded to four decimals only when asked for."""

    currency: str
    lines: tuple[Line, ...]

    @property
    def total_excl(self) -> Decimal:
        """The total without VAT, four decimals."""
        return amount4(sum((line.excl for line in self.lines), ZERO))

    @property
    def total_incl(self) -> Decimal:
        """The total with VAT, four decimals."""
        return amount4(sum((line.incl for line in self.lines), ZERO))

    def cost(self, dimension: str) -> tuple[Decimal, Decimal] | None:
        """What one dimension costs without and with VAT; None where the tariff did not price it."""
        lines = [line for line in self.lines if line.dimension == dimension]
        if not lines:
            return None
        return amount4(sum((line.excl for line in lines), ZERO)), amount4(
            sum((line.incl for line in lines), ZERO)
        )


def fold(tariff: TariffStructure, state: RatingState, period: Period) -> RatingState:
    """The state after one more period. Periods come in the order of their time."""
    usages = list(state.usages)
    for piece in _pieces(tariff, state, period):
        for ref in active_components(tariff):
            dimension = tariff.component(ref).dimension
            _use(usages, ref, _quantity(dimension, piece), once=dimension is Dimension.FLAT)
    return RatingState(
        state.started_at or period.start,
        period.end,
        state.energy_wh + period.energy_wh,
        state.time_s + period.time_s,
        state.parking_time_s + period.parking_time_s,
        tuple(usages),
    )


def fold_all(tariff: TariffStructure, state: RatingState, periods: Iterable[Period]) -> RatingState:
    """The state after all `periods`."""
    return reduce(lambda so_far, period: fold(tariff, so_far, period), periods, state)


def rate(tariff: TariffStructure, periods: Iterable[Period]) -> Rating:
    """What a whole session costs: the fold from the start."""
    return settle(tariff, fold_all(tariff, RatingState(), periods))


def settle(tariff: TariffStructure, state: RatingState) -> Rating:
    """What the session costs if it ended now: steps and limits touch the lines, never the state."""
    extra = _step_extras(tariff, state.usages)
    usages = sorted(state.usages, key=lambda usage: usage.ref)
    lines = [_line(tariff, usage, extra.get(usage.ref, ZERO)) for usage in usages]
    if state.started_at is not None:
        lines.extend(_limit_lines(tariff, lines))
    return Rating(tariff.currency, tuple(lines))


def active_components(tariff: TariffStructure) -> Iterator[ComponentRef]:
    """For each dimension the price component that counts: in the first element that prices it.

    Conditions of elements (time of day, energy so far, power ...) will be asked here, of state and piece.
    """
    seen: set[Dimension] = set()
    for element, content in enumerate(tariff.elements):
        for index, component in enumerate(content.components):
            if component.dimension not in seen:
                seen.add(component.dimension)
                yield element, index


def _pieces(tariff: TariffStructure, state: RatingState, period: Period) -> Iterator[Period]:
    """The period in parts within which the same components are active; without conditions it is one part."""
    yield period


def _quantity(dimension: Dimension, period: Period) -> Decimal:
    if dimension is Dimension.ENERGY:
        return period.energy_wh
    if dimension is Dimension.TIME:
        return period.time_s
    if dimension is Dimension.PARKING_TIME:
        return period.parking_time_s
    return Decimal(1)


def _use(usages: list[Usage], ref: ComponentRef, quantity: Decimal, *, once: bool) -> None:
    """Add to a component's usage and move it to the end; what is due `once` (a flat fee) does not grow."""
    if not quantity:
        return
    known = next((usage for usage in usages if usage.ref == ref), None)
    if known is None:
        usages.append(Usage(ref, quantity))
        return
    usages.remove(known)
    usages.append(Usage(ref, quantity if once else known.quantity + quantity))


def _step_extras(tariff: TariffStructure, usages: tuple[Usage, ...]) -> dict[ComponentRef, Decimal]:
    """What rounding up adds to the last used component: once for energy, once for time and parking together.

    OCPI 2.2.1 §10.3.1: where both time and parking are billed, only the parking time is rounded.
    """
    by_dimension: dict[Dimension, list[Usage]] = {}
    for usage in usages:
        by_dimension.setdefault(tariff.component(usage.ref).dimension, []).append(usage)
    timed = Dimension.PARKING_TIME if Dimension.PARKING_TIME in by_dimension else Dimension.TIME
    extras: dict[ComponentRef, Decimal] = {}
    for dimension in (Dimension.ENERGY, timed):
        if same := by_dimension.get(dimension):
            last = same[-1].ref
            total = sum((usage.quantity for usage in same), ZERO)
            extras[last] = _round_up(total, tariff.component(last).step_size) - total
    return extras


def _round_up(quantity: Decimal, step: int) -> Decimal:
    return (quantity / step).to_integral_value(rounding=ROUND_CEILING) * step


def _line(tariff: TariffStructure, usage: Usage, extra: Decimal) -> Line:
    component = tariff.component(usage.ref)
    billed = usage.quantity + extra
    excl = component.price * billed / UNIT_SIZE[component.dimension]
    reason = Reason.STEP if extra else Reason.MEASURED
    if component.dimension is Dimension.FLAT:
        reason = Reason.FEE
    return Line(
        component.dimension.value,
        usage.quantity,
        billed,
        component.price,
        component.vat,
        component.step_size,
        excl,
        excl * (100 + (component.vat or ZERO)) / 100,
        reason,
    )


def _limit_lines(tariff: TariffStructure, lines: list[Line]) -> Iterator[Line]:
    """The line that lifts the total to the minimum or lowers it to the maximum: each amount by itself."""
    excl = sum((line.excl for line in lines), ZERO)
    incl = sum((line.incl for line in lines), ZERO)
    for reason, limit in ((Reason.MINIMUM, tariff.min_price), (Reason.MAXIMUM, tariff.max_price)):
        if limit is None:
            continue
        new_excl, new_incl = _limited(excl, incl, limit, lower=reason is Reason.MINIMUM)
        if (new_excl, new_incl) != (excl, incl):
            yield Line(
                reason.name, Decimal(1), Decimal(1), None, None, 1, new_excl - excl, new_incl - incl, reason
            )
        excl, incl = new_excl, new_incl


def _limited(excl: Decimal, incl: Decimal, limit: PriceLimit, *, lower: bool) -> tuple[Decimal, Decimal]:
    """Both totals within the limit; where it names no amount with VAT, the VAT follows its base."""
    choose = max if lower else min
    new_excl = choose(excl, limit.excl)
    if limit.incl is not None:
        return new_excl, choose(incl, limit.incl)
    if new_excl == excl:
        return excl, incl
    return new_excl, new_excl * incl / excl if excl else new_excl
