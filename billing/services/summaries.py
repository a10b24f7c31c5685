"""Prices in plain words: a whole tariff in one line, a price line with its why, a reason for review."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.services.rating import Reason
from billing.services.rating_state import ZERO
from billing.services.tariff_structure import Dimension, PriceComponent, PriceLimit, TariffStructure
from central.selectors.words import review_words as central_words
from emobility.lib.money import round_minor

REVIEW_WORDS = {
    "no_tariff": gettext_lazy("No tariff was in force where and when it began"),
    "provisional_end": gettext_lazy("The charge point never reported the end"),
    "absurd_amount": gettext_lazy("The amount is absurd"),
}
LINE_WORDS = {
    Dimension.FLAT.value: gettext_lazy("Start fee"),
    Dimension.ENERGY.value: gettext_lazy("Energy"),
    Dimension.TIME.value: gettext_lazy("Charging time"),
    Dimension.PARKING_TIME.value: gettext_lazy("Parking time"),
    Reason.MINIMUM.name: gettext_lazy("Raised to the minimum"),
    Reason.MAXIMUM.name: gettext_lazy("Lowered to the maximum"),
}


def tariff_summary(tariff: TariffStructure) -> str:
    """The tariff in words: "0.25 EUR/kWh, 2 EUR/h parking after charging ends, plus VAT"."""
    priced = [part for part in _counting(tariff) if part.price]
    words = [_component_words(part, tariff.currency) for part in priced]
    words.extend(_limit_words(tariff))
    if not words:
        return _("free of charge")
    if any(part.vat for part in priced):
        words.append(_("plus VAT"))
    return ", ".join(words)


def line_name(line: Mapping[str, Any]) -> str:
    """What a stored price line is for."""
    return str(LINE_WORDS.get(line["dimension"], line["dimension"]))


def line_reason(line: Mapping[str, Any], currency: str) -> str:
    """Why a stored price line is what it is: "42 min, billed as 45 min (steps of 15 min), at 2 EUR/h"."""
    if line["reason"] == Reason.FEE:
        return _("once for each session")
    if line["unit_price"] is None:
        return (
            _("a session costs at least this") if line["reason"] == Reason.MINIMUM else _("no more than this")
        )
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


def quantity_words(dimension: str, quantity: Decimal) -> str:
    """Wh as kWh, seconds as hours and minutes; nothing for a fee."""
    if dimension == Dimension.ENERGY:
        return f"{_plain(quantity / 1000)} kWh"
    if dimension in {Dimension.TIME, Dimension.PARKING_TIME}:
        return _duration(quantity)
    return ""


def review_words(reason: str) -> str:
    """A reason for review in words."""
    return str(REVIEW_WORDS[reason] if reason in REVIEW_WORDS else central_words(reason))


def _counting(tariff: TariffStructure) -> Iterator[PriceComponent]:
    """For each dimension the component that counts; the others never apply."""
    found: dict[Dimension, PriceComponent] = {}
    for element in tariff.elements:
        for part in element.components:
            found.setdefault(part.dimension, part)
    yield from (found[dimension] for dimension in Dimension if dimension in found)


def _component_words(part: PriceComponent, currency: str) -> str:
    price = _price(part.price, currency)
    patterns = {
        Dimension.FLAT: _("{price} to start"),
        Dimension.ENERGY: _("{price}/kWh"),
        Dimension.TIME: _("{price}/h charging"),
        Dimension.PARKING_TIME: _("{price}/h parking after charging ends"),
    }
    words = patterns[part.dimension].format(price=price)
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


def _price(price: Decimal, currency: str) -> str:
    """A price: whole ones short, others with the currency's decimals, or more where it has more."""
    rounded = round_minor(price, currency)
    if price == price.to_integral_value():
        return f"{number_format(int(price))} {currency}"
    return f"{number_format(rounded) if rounded == price else _plain(price)} {currency}"


def _unit(dimension: str) -> str:
    return "/kWh" if dimension == Dimension.ENERGY else "/h"


def _plain(value: Decimal) -> str:
    """A number without useless zeros."""
    exponent = value.normalize().as_tuple().exponent
    return str(number_format(value, -exponent if isinstance(exponent, int) and exponent < 0 else 0))


def _duration(seconds: Decimal) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "h"), (minutes, "min"), (rest, "s")]
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 s"
