"""The shape of a tariff: price components, restrictions, limits, taxes (OCPI 2.1.1, 2.2.1, 2.3.0)."""

from dataclasses import dataclass, field, fields
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Any


class Dimension(StrEnum):
    """What a price component prices (OCPI 2.2.1 TariffDimensionType)."""

    FLAT = "FLAT"
    ENERGY = "ENERGY"
    TIME = "TIME"
    PARKING_TIME = "PARKING_TIME"


class TariffType(StrEnum):
    """For which sessions a tariff is meant (OCPI 2.2.1 TariffType); one without a type is for all."""

    REGULAR = "REGULAR"
    AD_HOC_PAYMENT = "AD_HOC_PAYMENT"
    PROFILE_CHEAP = "PROFILE_CHEAP"
    PROFILE_FAST = "PROFILE_FAST"
    PROFILE_GREEN = "PROFILE_GREEN"


class TaxIncluded(StrEnum):
    """Whether prices contain their taxes (OCPI 2.3.0 TaxIncluded)."""

    YES = "YES"
    NO = "NO"
    NONE = "N/A"


class Reservation(StrEnum):
    """Which part of a reservation an element prices (OCPI 2.2.1 ReservationRestrictionType)."""

    USED = "RESERVATION"
    EXPIRED = "RESERVATION_EXPIRES"


UNIT_SIZE = {
    Dimension.FLAT: Decimal(1),
    Dimension.ENERGY: Decimal(1000),
    Dimension.TIME: Decimal(3600),
    Dimension.PARKING_TIME: Decimal(3600),
}
"""How much of the measured quantity (Wh, seconds) one unit of the price (kWh, hour) is."""

WEEKDAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")


@dataclass(frozen=True, slots=True)
class PriceComponent:
    """The price of one dimension; `vat` in percent, None where no VAT is named.

    `step_size` counts Wh or seconds: what is billed is rounded up to a multiple of it.
    """

    dimension: Dimension
    price: Decimal
    vat: Decimal | None = None
    step_size: int = 1


@dataclass(frozen=True, slots=True)
class Restrictions:
    """When an element applies: all that are named must hold (OCPI 2.2.1 TariffRestrictions).

    Times and dates are local at the place; energy in kWh, power in kW, current in A (sum over the phases),
    durations in seconds since the session's start. Lower ends are inclusive, upper ends exclusive.
    """

    start_time: time | None = None
    end_time: time | None = None
    start_date: date | None = None
    end_date: date | None = None
    min_kwh: Decimal | None = None
    max_kwh: Decimal | None = None
    min_current: Decimal | None = None
    max_current: Decimal | None = None
    min_power: Decimal | None = None
    max_power: Decimal | None = None
    min_duration: int | None = None
    max_duration: int | None = None
    day_of_week: tuple[str, ...] = ()
    reservation: Reservation | None = None


UNRESTRICTED = Restrictions()


@dataclass(frozen=True, slots=True)
class TariffElement:
    """Price components that apply under the same conditions; without conditions they always apply."""

    components: tuple[PriceComponent, ...]
    restrictions: Restrictions = UNRESTRICTED


@dataclass(frozen=True, slots=True)
class PriceLimit:
    """A lower or upper limit of a session's total; `incl` is None where the tariff names none."""

    excl: Decimal
    incl: Decimal | None = None


@dataclass(frozen=True)
class TariffStructure:
    """A whole tariff. For each dimension the first matching element that prices it counts.

    `time_zone` is that of the place where the session was (not part of OCPI's object); `memo` keeps what is
    worked out from the structure once.
    """

    currency: str
    elements: tuple[TariffElement, ...]
    min_price: PriceLimit | None = None
    max_price: PriceLimit | None = None
    tax_included: TaxIncluded = TaxIncluded.NO
    kind: TariffType | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    time_zone: str = "UTC"
    memo: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def component(self, ref: "ComponentRef") -> PriceComponent:
        """The price component that a reference names."""
        return self.elements[ref[0]].components[ref[1]]

    def covers(self, at: datetime) -> bool:
        """True where the tariff is valid at a moment: from its start until before its end."""
        after_start = self.valid_from is None or self.valid_from <= at
        return after_start and (self.valid_until is None or at < self.valid_until)

    def serves(self, kind: TariffType) -> bool:
        """True where the tariff is for sessions of that type; one without a type is for all."""
        return self.kind is None or self.kind is kind


ComponentRef = tuple[int, int]
"""Names a price component: index of its element, index within the element."""


def number(value: Decimal) -> int | float:
    """A Decimal as a JSON number: whole ones without a fraction."""
    return int(value) if value == value.to_integral_value() else float(value)


def limit_json(limit: PriceLimit | None) -> dict[str, Any] | None:
    """A price limit as OCPI writes it: `{"excl_vat", "incl_vat"?}`."""
    if limit is None:
        return None
    body: dict[str, Any] = {"excl_vat": number(limit.excl)}
    if limit.incl is not None:
        body["incl_vat"] = number(limit.incl)
    return body


def component_json(component: PriceComponent) -> dict[str, Any]:
    """A price component as OCPI writes it: `{"type", "price", "vat"?, "step_size"}`."""
    body: dict[str, Any] = {"type": component.dimension.value, "price": number(component.price)}
    if component.vat is not None:
        body["vat"] = number(component.vat)
    return body | {"step_size": component.step_size}


def restrictions_json(restrictions: Restrictions) -> dict[str, Any]:
    """The restrictions that are named, as OCPI writes them; an empty object where there is none."""
    found: dict[str, Any] = {}
    for each in fields(Restrictions):
        value = getattr(restrictions, each.name)
        if value is not None and value != ():
            found[each.name] = _plain(value)
    return found


def elements_json(tariff: TariffStructure) -> list[dict[str, Any]]:
    """The elements as OCPI writes them: `[{"price_components": [...], "restrictions"?: {...}}]`."""
    return [_element_json(each) for each in tariff.elements]


def _element_json(element: TariffElement) -> dict[str, Any]:
    body: dict[str, Any] = {"price_components": [component_json(part) for part in element.components]}
    restrictions = restrictions_json(element.restrictions)
    return body | {"restrictions": restrictions} if restrictions else body


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return number(value)
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value
