"""What each price component of a tariff asks for, worked out once: running sessions ask with every value."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final, NamedTuple

from billing.services.tariff_structure import (
    UNIT_SIZE,
    ComponentRef,
    Dimension,
    PriceComponent,
    TariffElement,
    TariffStructure,
    TaxIncluded,
)

RESERVATION: Final = "RESERVATION"
RESERVATION_FEE: Final = "RESERVATION_FEE"
ENERGY: Final = Dimension.ENERGY.value
TIME: Final = Dimension.TIME.value
PARKING_TIME: Final = Dimension.PARKING_TIME.value
STEPPED: Final = frozenset({ENERGY, TIME, PARKING_TIME, RESERVATION})
"""The kinds of lines whose quantity is rounded up by a step size; a fee is not."""
HUNDRED: Final = Decimal(100)
MEMO: Final = "terms"


class Terms(NamedTuple):
    """A component for the calculation: the kind of its line, its step, its price for so many Wh or seconds.

    `with_vat` is 100 and the percent of VAT, None where no VAT counts; `is_gross`: the price contains it.
    """

    kind: str
    step: int
    price: Decimal
    unit: Decimal
    with_vat: Decimal | None
    is_gross: bool

    def amounts(self, billed: Decimal) -> tuple[Decimal, Decimal]:
        """What a quantity costs, exact: without and with VAT."""
        amount = self.price * billed / self.unit
        with_vat = self.with_vat
        if with_vat is None:
            return amount, amount
        if self.is_gross:
            return amount * HUNDRED / with_vat, amount
        return amount, amount * with_vat / HUNDRED


def terms_of(tariff: TariffStructure) -> Mapping[ComponentRef, Terms]:
    """The terms of all components of a tariff, made once."""
    found: Mapping[ComponentRef, Terms] | None = tariff.memo.get(MEMO)
    if found is None:
        found = tariff.memo[MEMO] = {
            (number, index): _terms(tariff, element, component)
            for number, element in enumerate(tariff.elements)
            for index, component in enumerate(element.components)
        }
    return found


def _terms(tariff: TariffStructure, element: TariffElement, component: PriceComponent) -> Terms:
    """Prices are without VAT unless the tariff says YES; N/A knows none."""
    taxed = bool(component.vat) and tariff.tax_included is not TaxIncluded.NONE
    return Terms(
        _kind(element, component),
        component.step_size,
        component.price,
        UNIT_SIZE[component.dimension],
        HUNDRED + component.vat if taxed and component.vat is not None else None,
        tariff.tax_included is TaxIncluded.YES,
    )


def _kind(element: TariffElement, component: PriceComponent) -> str:
    """The dimension, told apart for a reservation."""
    if element.restrictions.reservation is None:
        return component.dimension.value
    return RESERVATION_FEE if component.dimension is Dimension.FLAT else RESERVATION
