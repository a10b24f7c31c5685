"""The elements of a tariff as rows of a form: prices with VAT and step, and when they apply."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from billing.services.tariff_structure import (
    UNRESTRICTED,
    WEEKDAYS,
    Dimension,
    Reservation,
    TariffElement,
    TariffStructure,
)
from billing.services.tariff_words import DAY_WORDS

MOST_ROWS: Final = 50
SPARE_ROWS: Final = 2
MINUTE: Final = Decimal(60)
PRICES: Final[Mapping[Dimension, tuple[Any, Any]]] = {
    Dimension.ENERGY: (_("Energy, per kWh"), _("Step (Wh)")),
    Dimension.TIME: (_("Charging time, per hour"), _("Step (s)")),
    Dimension.PARKING_TIME: (_("Parking after charging ends, per hour"), _("Step (s)")),
    Dimension.FLAT: (_("Start fee"), ""),
}
USUAL_STEPS: Final = {Dimension.ENERGY: 1, Dimension.TIME: 1, Dimension.PARKING_TIME: 60}
RANGES: Final = (
    (_("Energy of the session, kWh"), "min_kwh", "max_kwh"),
    (_("Minutes since the start"), "min_minutes", "max_minutes"),
    (_("Power, kW"), "min_power", "max_power"),
    (_("Current, A"), "min_current", "max_current"),
)
AMOUNTS: Final = ("min_kwh", "max_kwh", "min_power", "max_power", "min_current", "max_current")
DURATIONS: Final = {"min_minutes": "min_duration", "max_minutes": "max_duration"}
CALENDAR: Final = ("start_time", "end_time", "start_date", "end_date")


def _number(label: Any, **options: Any) -> forms.DecimalField:
    widget = UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal"})
    return forms.DecimalField(label=label, required=False, min_value=0, widget=widget, **options)


def _whole(label: Any) -> forms.IntegerField:
    widget = UnfoldAdminTextInputWidget(attrs={"inputmode": "numeric"})
    return forms.IntegerField(label=label, required=False, min_value=1, widget=widget)


def _clock(label: Any) -> forms.TimeField:
    return forms.TimeField(
        label=label, required=False, widget=UnfoldAdminTextInputWidget(attrs={"type": "time"})
    )


def _day(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label, required=False, widget=UnfoldAdminTextInputWidget(attrs={"type": "date"})
    )


class ElementForm(forms.Form):
    """One row. Without a price it is no row; without a condition it always applies."""

    place = _whole(_("Order"))
    start_time = _clock(_("From"))
    end_time = _clock(_("Until"))
    day_of_week = forms.MultipleChoiceField(
        label=_("Weekdays"),
        required=False,
        choices=[(day, DAY_WORDS[day]) for day in WEEKDAYS],
        widget=forms.CheckboxSelectMultiple,
    )
    start_date = _day(_("From the day"))
    end_date = _day(_("Until before the day"))
    reservation = forms.ChoiceField(
        label=_("Prices"),
        required=False,
        choices=[
            ("", _("charging and parking")),
            (Reservation.USED.value, _("a reservation")),
            (Reservation.EXPIRED.value, _("a reservation that expires")),
        ],
        widget=UnfoldAdminSelectWidget,
    )

    def __init__(self, data: Any, *, prefix: str, element: TariffElement | None, place: int) -> None:
        super().__init__(data, prefix=prefix, initial={"place": place} | _initial(element))
        for dimension, (label, step) in PRICES.items():
            name = dimension.value.lower()
            self.fields[name] = _number(label)
            self.fields[f"{name}_vat"] = _number(_("VAT (%)"), max_value=100)
            if step:
                self.fields[f"{name}_step"] = _whole(step)
        for _label, low, high in RANGES:
            self.fields[low], self.fields[high] = _number(_("from")), _number(_("below"))

    @property
    def price_lines(self) -> list[list[forms.BoundField]]:
        """For the page: each dimension with its fields."""
        found = []
        for dimension in PRICES:
            name = dimension.value.lower()
            names = [name, f"{name}_vat", *([f"{name}_step"] if f"{name}_step" in self.fields else ())]
            found.append([self[each] for each in names])
        return found

    @property
    def calendar(self) -> list[forms.BoundField]:
        """For the page: times and dates."""
        return [self[name] for name in CALENDAR]

    @property
    def ranges(self) -> list[tuple[Any, forms.BoundField, forms.BoundField]]:
        """For the page: what has a lower and an upper end."""
        return [(label, self[low], self[high]) for label, low, high in RANGES]

    @property
    def is_limited(self) -> bool:
        """True where a condition is filled in: the page opens them."""
        names = [*AMOUNTS, *DURATIONS, *CALENDAR, "day_of_week", "reservation"]
        return any(str(value) for name in names if (value := self[name].value()))

    def element(self) -> dict[str, Any] | None:
        """The OCPI TariffElement; None without any price."""
        values = self.cleaned_data
        parts = [part for dimension in PRICES if (part := _component(dimension, values)) is not None]
        if not parts:
            return None
        rules = _restrictions(values)
        return {"price_components": parts} | ({"restrictions": rules} if rules else {})


def rows_of(data: Any, current: TariffStructure | None) -> list[ElementForm]:
    """The rows of a form: those of the present version, or of what was sent, and some to fill in."""
    elements: Sequence[TariffElement] = current.elements if current is not None else ()
    if data is None:
        count = len(elements) + SPARE_ROWS
    else:
        sent = str(data.get("rows", ""))
        count = min(int(sent), MOST_ROWS) if sent.isascii() and sent.isdecimal() and len(sent) < 6 else 1
    return [
        ElementForm(
            data,
            prefix=f"e{number}",
            element=elements[number] if data is None and number < len(elements) else None,
            place=number + 1,
        )
        for number in range(count)
    ]


def blank_row() -> ElementForm:
    """What the page copies for one more row."""
    return ElementForm(None, prefix="e__n__", element=None, place=MOST_ROWS)


def elements_of(rows: Sequence[ElementForm]) -> list[dict[str, Any]]:
    """The elements of valid rows, in their order; rows without a price are left out."""
    ordered = sorted(enumerate(rows), key=lambda pair: (pair[1].cleaned_data["place"] or MOST_ROWS, pair[0]))
    return [element for _number, row in ordered if (element := row.element()) is not None]


def _component(dimension: Dimension, values: Mapping[str, Any]) -> dict[str, Any] | None:
    name = dimension.value.lower()
    if values[name] is None:
        return None
    part: dict[str, Any] = {"type": dimension.value, "price": values[name]}
    if values[f"{name}_vat"] is not None:
        part["vat"] = values[f"{name}_vat"]
    return part | {"step_size": values.get(f"{name}_step") or USUAL_STEPS.get(dimension, 1)}


def _restrictions(values: Mapping[str, Any]) -> dict[str, Any]:
    """The OCPI TariffRestrictions: what is filled in."""
    found: dict[str, Any] = {name: values[name] for name in AMOUNTS}
    for name, target in DURATIONS.items():
        minutes = values[name]
        found[target] = None if minutes is None else _seconds(minutes)
    for name in ("start_time", "end_time"):
        found[name] = values[name] and f"{values[name]:%H:%M}"
    for name in ("start_date", "end_date"):
        found[name] = values[name] and values[name].isoformat()
    found |= {name: values[name] or None for name in ("day_of_week", "reservation")}
    return {name: value for name, value in found.items() if value is not None}


def _seconds(minutes: Decimal) -> int:
    return int((minutes * MINUTE).quantize(Decimal(1), ROUND_HALF_UP))


def _initial(element: TariffElement | None) -> dict[str, Any]:
    if element is None:
        return {}
    rule = element.restrictions
    values: dict[str, Any] = {}
    for part in element.components:
        name = part.dimension.value.lower()
        values |= {name: part.price, f"{name}_vat": part.vat, f"{name}_step": part.step_size}
    if rule == UNRESTRICTED:
        return values
    values |= {name: getattr(rule, name) for name in (*AMOUNTS, "start_date", "end_date")}
    values |= {name: f"{at:%H:%M}" for name in ("start_time", "end_time") if (at := getattr(rule, name))}
    for name, source in DURATIONS.items():
        seconds = getattr(rule, source)
        if seconds is not None:
            values[name] = f"{(Decimal(seconds) / MINUTE).quantize(Decimal('0.0001')).normalize():f}"
    return values | {"day_of_week": list(rule.day_of_week), "reservation": rule.reservation or ""}
