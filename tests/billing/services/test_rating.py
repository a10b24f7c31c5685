"""Rating is one fold: stored and resumed or done at once, it costs what a simple calculator says."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.services.periods import periods_merged
from billing.services.rating import fold, rate, settle
from billing.services.rating_state import Period, RatingState, UnknownStateError
from billing.services.tariff_structure import (
    Dimension,
    PriceComponent,
    PriceLimit,
    TariffElement,
    TariffStructure,
)
from emobility.lib.money import amount4

START = datetime(2026, 1, 1, tzinfo=UTC)

amounts = st.decimals(0, 20, places=4)
components = st.builds(
    PriceComponent,
    dimension=st.sampled_from(list(Dimension)),
    price=amounts,
    vat=st.none() | st.decimals(0, 30, places=1),
    step_size=st.sampled_from([1, 60, 100, 300, 500, 900, 1800]),
)
elements = st.builds(
    TariffElement,
    components=st.lists(components, min_size=1, max_size=4, unique_by=lambda each: each.dimension).map(tuple),
)
limits = st.none() | st.builds(PriceLimit, excl=amounts)
tariffs = st.builds(
    TariffStructure,
    currency=st.just("EUR"),
    elements=st.lists(elements, min_size=1, max_size=3).map(tuple),
    min_price=limits,
    max_price=st.none(),
)


@st.composite
def sessions(draw):
    """Periods one after the other, each charging or parked."""
    periods, at = [], START
    for seconds, energy, parked in draw(
        st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 9000), st.booleans()), max_size=12)
    ):
        end = at + timedelta(seconds=seconds)
        time = Decimal(seconds)
        zero = Decimal(0)
        periods.append(Period(at, end, Decimal(energy), zero if parked else time, time if parked else zero))
        at = end
    return periods


@given(tariffs, sessions(), st.integers(0, 12))
def test_state_stored_midway_costs_the_same_as_the_fold_from_the_start(tariff, periods, cut):
    """ARCHITECTURE 5: a running session's kept state and the whole session rated at once agree exactly."""
    state = RatingState()
    for index, period in enumerate(periods):
        if index == cut:
            settle(tariff, state)
            state = RatingState.from_json(json.loads(json.dumps(state.as_json())))
        state = fold(tariff, state, period)
    assert settle(tariff, state) == rate(tariff, periods)


@given(tariffs, sessions())
def test_merged_periods_cost_the_same(tariff, periods):
    whole = rate(tariff, periods)
    merged = rate(tariff, periods_merged(periods))
    assert (merged.total_excl, merged.total_incl) == (whole.total_excl, whole.total_incl)


def simple_total(tariff: TariffStructure, periods: list[Period]) -> Decimal:
    """A second calculator that knows no fold: whole totals, first component of each dimension, fractions."""
    if not periods:
        return Decimal(0)
    used = {
        Dimension.ENERGY: sum(Fraction(each.energy_wh) for each in periods),
        Dimension.TIME: sum(Fraction(each.time_s) for each in periods),
        Dimension.PARKING_TIME: sum(Fraction(each.parking_time_s) for each in periods),
    }
    first = {each.dimension: each for element in reversed(tariff.elements) for each in element.components}
    parked = bool(first.get(Dimension.PARKING_TIME) and used[Dimension.PARKING_TIME])
    total = Fraction(first[Dimension.FLAT].price) if Dimension.FLAT in first else Fraction(0)
    for dimension, quantity in used.items():
        component = first.get(dimension)
        if component is None:
            continue
        exact = dimension is Dimension.TIME and parked
        billed = quantity if exact else ceil(quantity / component.step_size) * component.step_size
        unit = 1000 if dimension is Dimension.ENERGY else 3600
        total += Fraction(component.price) * billed / unit
    if tariff.min_price is not None:
        total = max(total, Fraction(tariff.min_price.excl))
    return amount4(Decimal(total.numerator) / Decimal(total.denominator))


@given(tariffs, sessions())
def test_total_equals_the_simple_calculator(tariff, periods):
    """I4: money equals an independent computation, to the last of four decimals."""
    assert rate(tariff, periods).total_excl == simple_total(tariff, periods)


@given(tariffs, sessions())
def test_nothing_is_ever_negative_and_vat_never_lowers(tariff, periods):
    rating = rate(tariff, periods)
    assert 0 <= rating.total_excl <= rating.total_incl
    assert all(line.billed >= line.quantity >= 0 for line in rating.lines)


def structure(**limits: Any) -> TariffStructure:
    energy = PriceComponent(Dimension.ENERGY, Decimal("0.50"), Decimal(20))
    return TariffStructure("EUR", (TariffElement((energy,)),), **limits)


@pytest.mark.parametrize(
    ("wh", "limits", "excl", "incl"),
    [
        (10_000, {"max_price": PriceLimit(Decimal(4))}, "4.0000", "4.8000"),
        (10_000, {"max_price": PriceLimit(Decimal(4), Decimal("4.5"))}, "4.0000", "4.5000"),
        (10_000, {"max_price": PriceLimit(Decimal(9), Decimal("5.5"))}, "5.0000", "5.5000"),
        (1_000, {"min_price": PriceLimit(Decimal(1))}, "1.0000", "1.2000"),
        (0, {"min_price": PriceLimit(Decimal(1), Decimal("1.2"))}, "1.0000", "1.2000"),
        (0, {"min_price": PriceLimit(Decimal(1))}, "1.0000", "1.0000"),
    ],
)
def test_limits_hold_for_both_amounts_by_themselves(wh, limits, excl, incl):
    """OCPI 2.2.1 Tariff, notes on min_price and max_price."""
    rating = rate(structure(**limits), [Period(START, START, Decimal(wh))])
    assert (rating.total_excl, rating.total_incl) == (Decimal(excl), Decimal(incl))
    assert sum(line.excl for line in rating.lines) == rating.total_excl


def test_flat_fee_is_due_once_and_at_once():
    fee = PriceComponent(Dimension.FLAT, Decimal(1))
    tariff = TariffStructure("EUR", (TariffElement((fee,)),))
    assert rate(tariff, [Period(START, START)] * 3).total_excl == 1
    assert rate(tariff, []).total_excl == 0


def test_state_of_another_version_is_refused():
    with pytest.raises(UnknownStateError):
        RatingState.from_json(RatingState().as_json() | {"version": 99})
