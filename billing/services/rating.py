"""Rating: a fold of charging periods into quantities for each price component, settled into price lines.

`rate` is nothing but `settle` of the fold from the start, so a running session keeps a state of constant size
and a whole session costs the same as the sum of its moments. Pure: no database, no clock, Decimal only,
nothing rounded before the last step.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum
from typing import Any

from billing.services.rating_fold import Fold
from billing.services.rating_state import ZERO, Period, RatingState
from billing.services.rating_terms import ENERGY, PARKING_TIME, STEPPED, TIME, terms_of
from billing.services.tariff_structure import ComponentRef, Dimension, PriceLimit, TariffStructure
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
    `element` counts the tariff's elements from 0; None for a limit.
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
    element: int | None = None

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
            "element": self.element,
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


def fold(tariff: TariffStructure, state: RatingState, period: Period) -> RatingState:
    """The state after one more period. Periods come in the order of their time."""
    return fold_all(tariff, state, (period,))


def fold_all(tariff: TariffStructure, state: RatingState, periods: Iterable[Period]) -> RatingState:
    """The state after all `periods`."""
    under_way = Fold(tariff, state)
    for period in periods:
        under_way.add(period)
    return under_way.state


def rate(tariff: TariffStructure, periods: Iterable[Period]) -> Rating:
    """What a whole session costs: the fold from the start."""
    return settle(tariff, fold_all(tariff, RatingState(), periods))


def settle(tariff: TariffStructure, state: RatingState, slack_s: Decimal = ZERO) -> Rating:
    """What the session costs if it ended now: steps and limits touch the lines, never the state.

    `slack_s` is how far times may be wrong because they were told in hours of four decimals: a time that is
    above a whole step by no more than that begins no new step.
    """
    extra = step_extras(tariff, state.usages, slack_s)
    usages = sorted(state.usages)
    lines = [usage_line(tariff, ref, quantity, extra.get(ref, ZERO)) for ref, quantity in usages]
    lines.extend(limit_lines(tariff, lines, begun=state.started_at is not None))
    return Rating(tariff.currency, tuple(lines))


def totals(
    tariff: TariffStructure, usages: Collection[tuple[ComponentRef, Decimal]], *, begun: bool
) -> tuple[Decimal, Decimal]:
    """The totals of `settle`, without and with VAT, four decimals: for every meter value, so no lines.

    `begun`: there is a charging session, not a reservation alone.
    """
    terms, extra = terms_of(tariff), step_extras(tariff, usages)
    excl = incl = ZERO
    for ref, quantity in usages:
        more_excl, more_incl = terms[ref].amounts(quantity + extra[ref] if ref in extra else quantity)
        excl, incl = excl + more_excl, incl + more_incl
    if begun and tariff.min_price is not None:
        excl, incl = _limited(excl, incl, tariff.min_price, lower=True)
    if tariff.max_price is not None:
        excl, incl = _limited(excl, incl, tariff.max_price, lower=False)
    return amount4(excl), amount4(incl)


def step_extras(
    tariff: TariffStructure, usages: Iterable[tuple[ComponentRef, Decimal]], slack_s: Decimal = ZERO
) -> dict[ComponentRef, Decimal]:
    """What rounding up adds to the last used component: once for energy, once for time and parking together.

    OCPI 2.2.1 §10.3.1: where both time and parking are billed, only the parking time is rounded. The time of
    a reservation is rounded for itself (examples of §11.4.1).
    """
    terms = terms_of(tariff)
    sums: dict[str, Decimal] = {}
    last: dict[str, ComponentRef] = {}
    for ref, quantity in usages:
        kind = terms[ref].kind
        sums[kind] = sums[kind] + quantity if kind in sums else quantity
        last[kind] = ref
    extras: dict[ComponentRef, Decimal] = {}
    for kind, total in sums.items():
        if kind not in STEPPED or (kind == TIME and PARKING_TIME in sums):
            continue
        step = terms[last[kind]].step
        if step > 1 or total % step:
            slack = ZERO if kind == ENERGY else slack_s
            extras[last[kind]] = max(ZERO, _round_up(total - slack, step) - total)
    return extras


def usage_line(tariff: TariffStructure, ref: ComponentRef, quantity: Decimal, extra: Decimal) -> Line:
    """The line of one component: what was used and what rounding up adds."""
    component = tariff.component(ref)
    billed = quantity + extra
    terms = terms_of(tariff)[ref]
    excl, incl = terms.amounts(billed)
    reason = Reason.STEP if extra else Reason.MEASURED
    if component.dimension is Dimension.FLAT:
        reason = Reason.FEE
    return Line(
        terms.kind,
        quantity,
        billed,
        component.price,
        component.vat,
        component.step_size,
        excl,
        incl,
        reason,
        ref[0],
    )


def limit_lines(tariff: TariffStructure, lines: Iterable[Line], *, begun: bool) -> Iterator[Line]:
    """The line that lifts the total to the minimum or lowers it to the maximum: each amount by itself.

    The minimum is that of a charging session: without one (`begun`) there is none.
    """
    lines = list(lines)
    excl = sum((line.excl for line in lines), ZERO)
    incl = sum((line.incl for line in lines), ZERO)
    limits = ((Reason.MINIMUM, tariff.min_price if begun else None), (Reason.MAXIMUM, tariff.max_price))
    for reason, limit in limits:
        if limit is None:
            continue
        new_excl, new_incl = _limited(excl, incl, limit, lower=reason is Reason.MINIMUM)
        if (new_excl, new_incl) != (excl, incl):
            one = Decimal(1)
            yield Line(reason.name, one, one, None, None, 1, new_excl - excl, new_incl - incl, reason)
        excl, incl = new_excl, new_incl


def is_parking_fee(tariff: TariffStructure, element: int) -> bool:
    """True for a flat fee that belongs to parking: its element prices parking and neither energy nor time."""
    found = {part.dimension for part in tariff.elements[element].components}
    return Dimension.PARKING_TIME in found and not found & {Dimension.ENERGY, Dimension.TIME}


def _round_up(quantity: Decimal, step: int) -> Decimal:
    return (quantity / step).to_integral_value(rounding=ROUND_CEILING) * step


def _limited(excl: Decimal, incl: Decimal, limit: PriceLimit, *, lower: bool) -> tuple[Decimal, Decimal]:
    """Both totals within the limit; where it names no amount with VAT, the VAT follows its base."""
    choose = max if lower else min
    new_excl = choose(excl, limit.excl)
    if limit.incl is not None:
        return new_excl, choose(incl, limit.incl)
    if new_excl == excl:
        return excl, incl
    return new_excl, new_excl * incl / excl if excl else new_excl
