"""Prices in plain words: a whole tariff in one line, a price line with its why, a reason for review."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.services.rating import Reason
from billing.services.rating_state import ZERO
from billing.services.rating_terms import RESERVATION, RESERVATION_FEE
from billing.services.tariff_parsing import tariff_parse
from billing.services.tariff_structure import (
    Dimension,
    PriceComponent,
    PriceLimit,
    Reservation,
    Restrictions,
    TariffStructure,
    TaxIncluded,
)
from billing.services.tariff_words import condition_words, duration_words, plain_number
from central.selectors.words import review_words as central_words
from emobility.lib.errors import Invalid
from emobility.lib.money import round_minor

REVIEW_WORDS = {
    "no_tariff": gettext_lazy("No tariff was in force where and when it began"),
    "provisional_end": gettext_lazy("The charge point never reported the end"),
    "settlement_differs": gettext_lazy("The payment terminal settled another amount"),
    "charge_point_cost_differs": gettext_lazy("The charge point told its driver another amount"),
    "absurd_amount": gettext_lazy("The amount is absurd"),
    "large_amount": gettext_lazy("The amount is unusually large"),
    "changed_after_decision": gettext_lazy("The charge point reported something else after a person decided"),
    "already_ended": gettext_lazy("A second end of a session that has ended, saying something else"),
}
LINE_WORDS = {
    Dimension.FLAT.value: gettext_lazy("Start fee"),
    Dimension.ENERGY.value: gettext_lazy("Energy"),
    Dimension.TIME.value: gettext_lazy("Charging time"),
    Dimension.PARKING_TIME.value: gettext_lazy("Parking time"),
    RESERVATION_FEE: gettext_lazy("Reservation fee"),
    RESERVATION: gettext_lazy("Reservation"),
    Reason.MINIMUM.name: gettext_lazy("Raised to the minimum"),
    Reason.MAXIMUM.name: gettext_lazy("Lowered to the maximum"),
}
PATTERNS: dict[tuple[Reservation | None, Dimension], Any] = {
    (None, Dimension.FLAT): gettext_lazy("{price} to start"),
    (None, Dimension.ENERGY): gettext_lazy("{price}/kWh"),
    (None, Dimension.TIME): gettext_lazy("{price}/h charging"),
    (None, Dimension.PARKING_TIME): gettext_lazy("{price}/h parking after charging ends"),
    (Reservation.USED, Dimension.FLAT): gettext_lazy("{price} to reserve"),
    (Reservation.USED, Dimension.TIME): gettext_lazy("{price}/h reserved"),
    (Reservation.EXPIRED, Dimension.FLAT): gettext_lazy("{price} where a reservation expires"),
    (Reservation.EXPIRED, Dimension.TIME): gettext_lazy("{price}/h for a reservation that expires"),
}
Choice = tuple[PriceComponent, Restrictions]


def tariff_summary(tariff: TariffStructure) -> str:
    """The tariff in words: "0.25 EUR/kWh, after 22:00 0.20, 2 EUR/h parking after charging ends"."""
    words: list[str] = []
    priced: list[PriceComponent] = []
    for key, pattern in PATTERNS.items():
        choices = _choices(tariff, *key)
        if any(part.price for part, _rule in choices):
            words.extend(_choice_words(choices, str(pattern), tariff.currency))
            priced.extend(part for part, _rule in choices)
    words.extend(_limit_words(tariff))
    if not words:
        return _("free of charge")
    if any(part.vat for part in priced) and tariff.tax_included is not TaxIncluded.NONE:
        words.append(_("VAT included") if tariff.tax_included is TaxIncluded.YES else _("plus VAT"))
    return ", ".join(words)


def line_name(line: Mapping[str, Any]) -> str:
    """What a stored price line is for."""
    return str(LINE_WORDS.get(line["dimension"], line["dimension"]))


def line_reason(line: Mapping[str, Any], currency: str, condition: str = "") -> str:
    """Why a price line is what it is: "42 min, billed as 45 min (steps of 15 min), at 2 EUR/h"."""
    if line["reason"] == Reason.FEE:
        text = _("once for each session") if line["dimension"] == Dimension.FLAT else _("once to reserve")
    elif line["unit_price"] is None:
        minimum = line["reason"] == Reason.MINIMUM
        text = _("a session costs at least this") if minimum else _("no more than this")
    else:
        text = _quantity_reason(line, currency)
    return f"{text} ({condition})" if condition else text


def quantity_words(dimension: str, quantity: Decimal) -> str:
    """Wh as kWh, seconds as hours and minutes; nothing for a fee."""
    if dimension == Dimension.ENERGY:
        return f"{plain_number(quantity / 1000)} kWh"
    if dimension in {Dimension.TIME, Dimension.PARKING_TIME, RESERVATION}:
        return duration_words(quantity)
    return ""


def review_words(reason: str) -> str:
    """A reason for review in words."""
    return str(REVIEW_WORDS[reason] if reason in REVIEW_WORDS else central_words(reason))


def element_words(tariff: TariffStructure, element: int | None) -> str:
    """Under which conditions an element applies; '' where it always does."""
    return "" if element is None else condition_words(tariff.elements[element].restrictions)


def one_element_words(tariff: TariffStructure, element: int) -> str:
    """What one element charges where it applies, with VAT and steps."""
    found = tariff.elements[element]
    words = [
        _component_words(part, str(PATTERNS[found.restrictions.reservation, part.dimension]), tariff.currency)
        + ("" if part.vat is None else _(", {vat} % VAT").format(vat=plain_number(part.vat)))
        for part in found.components
    ]
    return "; ".join(words)


def cdr_conditions(tariff: Mapping[str, Any] | None) -> dict[int | None, str]:
    """By element the conditions of the tariff that a CDR keeps; nothing where it cannot be read any more."""
    try:
        structure = tariff_parse(tariff)
    except Invalid:
        return {}
    return {number: element_words(structure, number) for number in range(len(structure.elements))}


def _quantity_reason(line: Mapping[str, Any], currency: str) -> str:
    measured = quantity_words(line["dimension"], Decimal(line["quantity"]))
    price = _price(Decimal(line["unit_price"]), currency) + _unit(line["dimension"])
    if line["reason"] == Reason.MEASURED:
        return _("{measured} at {price}").format(measured=measured, price=price)
    return _("{measured}, billed as {billed} (steps of {step}), at {price}").format(
        measured=measured,
        billed=quantity_words(line["dimension"], Decimal(line["billed"])),
        step=quantity_words(line["dimension"], Decimal(line["step_size"])),
        price=price,
    )


def _choices(tariff: TariffStructure, reservation: Reservation | None, dimension: Dimension) -> list[Choice]:
    """The components of a dimension that may count, the one without conditions last."""
    found: list[Choice] = []
    for element in tariff.elements:
        rule = element.restrictions
        if rule.reservation is not reservation:
            continue
        found += [(part, rule) for part in element.components if part.dimension is dimension]
        if found and not condition_words(found[-1][1]):
            break
    return found


def _choice_words(choices: list[Choice], pattern: str, currency: str) -> Iterator[str]:
    """The usual price first and in full, then when it is another one: "after 22:00 0.20"."""
    usual = choices[-1] if not condition_words(choices[-1][1]) else None
    if usual is not None and (usual[0].price or len(choices) > 1):
        yield _component_words(usual[0], pattern, currency)
    for number, (part, rule) in enumerate(choices):
        if (part, rule) == usual:
            continue
        first = usual is None and number == 0
        words = _component_words(part, pattern, currency) if first else _short_price(part, currency)
        yield f"{condition_words(rule)} {words}"


def _component_words(part: PriceComponent, pattern: str, currency: str) -> str:
    words = pattern.format(price=_price(part.price, currency))
    if part.dimension is Dimension.FLAT or part.step_size == 1:
        return words
    step = quantity_words(part.dimension, Decimal(part.step_size))
    return _("{words} (in steps of {step})").format(words=words, step=step)


def _limit_words(tariff: TariffStructure) -> Iterator[str]:
    limits: list[tuple[PriceLimit | None, str]] = [
        (tariff.min_price, _("at least {price}")),
        (tariff.max_price, _("at most {price}")),
    ]
    for limit, pattern in limits:
        if limit is not None and limit.excl > ZERO:
            yield pattern.format(price=_price(limit.excl, tariff.currency))


def _short_price(part: PriceComponent, currency: str) -> str:
    return _price(part.price, currency).removesuffix(f" {currency}") if part.price else _("free")


def _price(price: Decimal, currency: str) -> str:
    """A price: whole ones short, others with the currency's decimals, or more where it has more."""
    rounded = round_minor(price, currency)
    if price == price.to_integral_value():
        return f"{number_format(int(price))} {currency}"
    return f"{number_format(rounded) if rounded == price else plain_number(price)} {currency}"


def _unit(dimension: str) -> str:
    return "/kWh" if dimension == Dimension.ENERGY else "/h"
