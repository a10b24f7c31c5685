"""What is allowed in a tariff and yet hardly meant: elements without effect, gaps, odd steps.

A tariff with warnings can be used. Whatever would make it wrong is refused by tariff_parsing.
"""

from collections.abc import Iterator, Set
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal

from django.utils.translation import gettext as _

from billing.services.tariff_clock import clock_allows, is_clocked
from billing.services.tariff_gaps import RANGES, has_gap, week_moments, weekly
from billing.services.tariff_structure import (
    Dimension,
    PriceComponent,
    Reservation,
    Restrictions,
    TariffElement,
    TariffStructure,
    TaxIncluded,
)

HOUR_S = 3600
CHARGED = frozenset({Dimension.ENERGY, Dimension.TIME})
LARGE_STEP_WH, LARGE_STEP_S = 1000, 900
HIGH_PRICE = {
    Dimension.ENERGY: Decimal(5),
    Dimension.TIME: Decimal(100),
    Dimension.PARKING_TIME: Decimal(100),
}
SMALL_CURRENCIES = frozenset({"JPY", "KRW", "CLP", "VND", "ISK", "HUF", "IDR", "COP", "CZK", "INR", "THB"})


@dataclass(frozen=True, slots=True)
class LintWarning:
    """One thing to look at: a code, the field, and what is odd about it."""

    code: str
    field: str
    text: str

    def as_json(self) -> dict[str, str]:
        """For REST and the command line."""
        return {"code": self.code, "field": self.field, "text": self.text}


def tariff_lint(tariff: TariffStructure) -> list[LintWarning]:
    """All warnings, in the order of the tariff's fields."""
    found = [
        *_never_applies(tariff),
        *_missing_defaults(tariff),
        *_overlaps(tariff),
        *_midnights(tariff),
        *_components(tariff),
        *_taxes(tariff),
        *_dates(tariff),
        *_limits(tariff),
    ]
    return sorted(found, key=lambda each: (each.field, each.code))


def covers(wide: Restrictions, narrow: Restrictions) -> bool:
    """True where `wide` holds whenever `narrow` does, as far as one rule can tell of the other."""
    if wide.reservation is not narrow.reservation:
        return False
    ranges = all(
        _range_covers(getattr(wide, low), getattr(wide, high), getattr(narrow, low), getattr(narrow, high))
        for low, high in RANGES
    )
    return ranges and _calendar_covers(wide, narrow)


def _range_covers(
    low: Decimal | None, high: Decimal | None, inner_low: Decimal | None, inner_high: Decimal | None
) -> bool:
    lower = not low or (inner_low is not None and inner_low >= low)
    return lower and (high is None or (inner_high is not None and inner_high <= high))


def _calendar_covers(wide: Restrictions, narrow: Restrictions) -> bool:
    if not is_clocked(wide):
        return True
    dates_low = wide.start_date is None or (
        narrow.start_date is not None and narrow.start_date >= wide.start_date
    )
    dates_high = wide.end_date is None or (narrow.end_date is not None and narrow.end_date <= wide.end_date)
    moments = list(week_moments([wide, narrow]))
    week = all(clock_allows(weekly(wide), at) for at in moments if clock_allows(weekly(narrow), at))
    return dates_low and dates_high and week


def _each(tariff: TariffStructure) -> Iterator[tuple[int, int, TariffElement, PriceComponent]]:
    for number, element in enumerate(tariff.elements):
        for index, part in enumerate(element.components):
            yield number, index, element, part


def _never_applies(tariff: TariffStructure) -> Iterator[LintWarning]:
    """A component behind one of its dimension that matches whenever it does."""
    for number, index, element, part in _each(tariff):
        for earlier in range(number):
            other = tariff.elements[earlier]
            same = any(each.dimension is part.dimension for each in other.components)
            if same and covers(other.restrictions, element.restrictions):
                yield LintWarning(
                    "never_applies",
                    f"elements.{number}.price_components.{index}",
                    _(
                        "It never applies: element {earlier} prices {dimension} whenever this one would."
                    ).format(earlier=earlier, dimension=part.dimension),
                )
                break


def _missing_defaults(tariff: TariffStructure) -> Iterator[LintWarning]:
    """A dimension with conditions only: where none holds it is not charged.

    A start fee or parking that is free at times is usual and meant so; energy and charging time are not.
    """
    for dimension in CHARGED:
        rules = [
            (number, element.restrictions)
            for number, _i, element, part in _each(tariff)
            if part.dimension is dimension and element.restrictions.reservation is None
        ]
        others = _conditions_of(tariff, CHARGED - {dimension})
        if rules and has_gap([rule for _number, rule in rules] + others):
            yield LintWarning(
                "no_default",
                f"elements.{rules[-1][0]}",
                _("Between the conditions {dimension} is free: add an element without conditions.").format(
                    dimension=dimension
                ),
            )


def _conditions_of(tariff: TariffStructure, dimensions: Set[Dimension]) -> list[Restrictions]:
    """Under which conditions one of the dimensions is charged instead (not those that always are)."""
    return [
        element.restrictions
        for _number, _index, element, part in _each(tariff)
        if part.dimension in dimensions
        and part.price
        and element.restrictions.reservation is None
        and element.restrictions != Restrictions()
    ]


def _overlaps(tariff: TariffStructure) -> Iterator[LintWarning]:
    """Two conditioned elements that price a dimension at the same times of the week: the first one counts."""
    parts = [each for each in _each(tariff) if is_clocked(each[2].restrictions)]
    for number, _index, element, part in parts:
        for earlier, _i, other, priced in parts:
            rules = [element.restrictions, other.restrictions]
            if earlier >= number or priced.dimension is not part.dimension or covers(rules[1], rules[0]):
                continue
            if any(rule != weekly(rule) for rule in rules):
                continue
            if any(all(clock_allows(rule, at) for rule in rules) for at in week_moments(rules)):
                text = _("Its times overlap those of element {earlier}, which goes first for {dimension}.")
                text = text.format(earlier=earlier, dimension=part.dimension)
                yield LintWarning("overlap", f"elements.{number}.restrictions", text)


def _midnights(tariff: TariffStructure) -> Iterator[LintWarning]:
    for number, element in enumerate(tariff.elements):
        rule, field = element.restrictions, f"elements.{number}.restrictions"
        start, end = rule.start_time, rule.end_time or time(0)
        if start is not None and rule.end_time == start:
            yield LintWarning(
                "whole_day", f"{field}.end_time", _("Start and end are equal: that is all day.")
            )
        elif rule.day_of_week and start is not None and time(0) < end < start:
            text = _("The hours after midnight count to the next day: name its day too.")
            yield LintWarning("over_midnight", f"{field}.day_of_week", text)


def _components(tariff: TariffStructure) -> Iterator[LintWarning]:
    for number, index, _element, part in _each(tariff):
        field = f"elements.{number}.price_components.{index}"
        if text := _odd_step(part):
            yield LintWarning("odd_step", f"{field}.step_size", text)
        highest = HIGH_PRICE.get(part.dimension)
        if highest is not None and part.price > highest and tariff.currency not in SMALL_CURRENCIES:
            text = _("{price} {currency} is unusually much: are the units right (kWh, hours)?")
            text = text.format(price=part.price, currency=tariff.currency)
            yield LintWarning("high_price", f"{field}.price", text)


def _odd_step(part: PriceComponent) -> str:
    step = part.step_size
    if part.dimension is Dimension.FLAT:
        return ""
    if part.dimension is Dimension.ENERGY:
        return _("Steps above 1 kWh surprise drivers.") if step > LARGE_STEP_WH else ""
    if step > LARGE_STEP_S:
        return _("Steps above 15 minutes surprise drivers.")
    return _("Steps of {step} s do not fill an hour.").format(step=step) if HOUR_S % step else ""


def _dates(tariff: TariffStructure) -> Iterator[LintWarning]:
    """Days of an element that the tariff's own validity leaves out, whatever the time zone of the place."""
    begun = tariff.valid_from.date() if tariff.valid_from is not None else date.min
    over = tariff.valid_until.date() if tariff.valid_until is not None else date.max
    for number, element in enumerate(tariff.elements):
        rule = element.restrictions
        if (rule.end_date or date.max) < begun or (rule.start_date or date.min) > over:
            text = _("It never applies: the tariff is not valid on these days.")
            yield LintWarning("never_applies", f"elements.{number}.restrictions", text)


def _limits(tariff: TariffStructure) -> Iterator[LintWarning]:
    """A maximum that the start fee alone passes, or that makes everything free."""
    fees = [
        part.price
        for _n, _i, element, part in _each(tariff)
        if part.dimension is Dimension.FLAT and element.restrictions.reservation is None
    ]
    most = tariff.max_price
    if most is not None and (not most.excl or any(fee > most.excl for fee in fees)):
        text = _("Nothing is charged.") if not most.excl else _("The start fee alone is above the maximum.")
        yield LintWarning("low_maximum", "max_price", text)


def _taxes(tariff: TariffStructure) -> Iterator[LintWarning]:
    if tariff.tax_included is TaxIncluded.NONE and any(part.vat for _n, _i, _e, part in _each(tariff)):
        yield LintWarning(
            "vat_ignored", "tax_included", _("No taxes apply, so the VAT of its prices is ignored.")
        )
    for number, index, _element, part in _each(tariff):
        if part.vat and part.vat < 1:
            text = _("VAT is in percent: {vat} is less than one in a hundred.").format(vat=part.vat)
            yield LintWarning("low_vat", f"elements.{number}.price_components.{index}.vat", text)
    kinds = {element.restrictions.reservation for element in tariff.elements}
    if Reservation.EXPIRED in kinds and Reservation.USED not in kinds:
        text = _("Reservations cost only where they expire.")
        yield LintWarning("only_expiry", "elements", text)
