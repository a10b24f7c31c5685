"""Forms of tariffs, as a tariff manager thinks of them: a price, its VAT and its step for each dimension."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from billing.services.tariff_structure import (
    UNRESTRICTED,
    Dimension,
    TariffStructure,
    TariffType,
    TaxIncluded,
    elements_json,
)
from emobility.lib.errors import Invalid
from registry.models import Organization

DIMENSIONS: dict[Dimension, tuple[Any, Any, Decimal]] = {
    Dimension.FLAT: (_("Start fee"), "", Decimal(1)),
    Dimension.ENERGY: (_("Energy, per kWh"), _("Step (Wh)"), Decimal(1)),
    Dimension.TIME: (_("Charging time, per hour"), _("Step (s)"), Decimal(1)),
    Dimension.PARKING_TIME: (_("Parking after charging ends, per hour"), _("Step (s)"), Decimal(60)),
}
LIMITS = {
    "minimum": _("A session costs at least (without VAT)"),
    "minimum_incl": _("A session costs at least (with VAT)"),
    "maximum": _("A session costs at most (without VAT)"),
    "maximum_incl": _("A session costs at most (with VAT)"),
}


def text_field(label: Any, *, required: bool = True, **options: Any) -> forms.CharField:
    """A line of text."""
    return forms.CharField(label=label, required=required, widget=UnfoldAdminTextInputWidget, **options)


def number_field(label: Any, **options: Any) -> forms.DecimalField:
    """A number that may be left out."""
    return forms.DecimalField(
        label=label, required=False, min_value=0, widget=UnfoldAdminDecimalFieldWidget, **options
    )


class ZonedForm(forms.Form):
    """A form with a start in the organisation's time zone; without one it is now."""

    def __init__(self, data: Any, organization: Organization | None, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        self.zone = organization.time_zone if organization is not None else "UTC"
        self.fields["valid_from"] = forms.DateTimeField(
            label=_("From"),
            required=False,
            widget=UnfoldAdminTextInputWidget(attrs={"type": "datetime-local"}),
            help_text=_("Time zone {zone}; empty means now.").format(zone=self.zone),
        )

    def clean_valid_from(self) -> datetime | None:
        """The moment, in the organisation's zone."""
        value: datetime | None = self.cleaned_data["valid_from"]
        return value.replace(tzinfo=ZoneInfo(self.zone)) if value is not None else None


class PriceForm(ZonedForm):
    """What a version charges; a dimension without a price is not charged."""

    def __init__(self, data: Any, organization: Organization | None, current: TariffStructure | None) -> None:
        super().__init__(data, organization, initial=_initial(current))
        own: dict[str, forms.Field] = {"currency": text_field(_("Currency"), max_length=3)}
        for dimension, (label, step, _default) in DIMENSIONS.items():
            name = dimension.value.lower()
            own[name] = number_field(label, help_text=_("Without VAT. Empty: not charged."))
            own[f"{name}_vat"] = number_field(format_lazy("{}: {}", label, _("VAT (%)")), max_value=100)
            if step:
                own[f"{name}_step"] = forms.IntegerField(
                    label=format_lazy("{}: {}", label, step), required=False, min_value=1
                )
                own[f"{name}_step"].widget = UnfoldAdminTextInputWidget(attrs={"inputmode": "numeric"})
        for name, label in LIMITS.items():
            own[name] = number_field(label)
        own |= _whole_fields(current)
        self.fields = own | self.fields

    def structure(self) -> dict[str, Any]:
        """What the tariff services take; raises Invalid without any price."""
        values = self.cleaned_data
        if values["elements"]:
            return self._structure(values["elements"])
        parts = [part for dimension in DIMENSIONS if (part := _component(dimension, values)) is not None]
        if not parts:
            raise Invalid(str(_("Name at least one price; a free tariff has a start fee of 0.")))
        return self._structure([{"price_components": parts}])

    def _structure(self, elements: Any) -> dict[str, Any]:
        values = self.cleaned_data
        return {
            "currency": values["currency"].upper(),
            "elements": elements,
            "min_price": _limit(values, "minimum"),
            "max_price": _limit(values, "maximum"),
            "tariff_type": values["tariff_type"],
            "tax_included": values["tax_included"],
            "valid_from": values["valid_from"],
        }


class NewTariffForm(PriceForm):
    """A tariff's name and id, and what its first version charges."""

    def __init__(self, data: Any, user: Any) -> None:
        super().__init__(data, user.organization, None)
        own: dict[str, forms.Field] = {
            "name": text_field(_("Name"), max_length=100),
            "tariff_id": text_field(
                _("Id"), max_length=36, help_text=_("As roaming partners see it; it stays for ever.")
            ),
        }
        if user.sees_all:
            own["organization"] = forms.ModelChoiceField(
                Organization.objects.all(), label=_("Organisation"), widget=UnfoldAdminSelectWidget
            )
        self.fields = own | self.fields


def is_simple(current: TariffStructure) -> bool:
    """True where a price, VAT and step for each dimension say all there is."""
    return len(current.elements) == 1 and current.elements[0].restrictions == UNRESTRICTED


def _whole_fields(current: TariffStructure | None) -> dict[str, forms.Field]:
    """Type, taxes, and the elements as OCPI writes them, for tariffs with conditions."""
    complex_one = current is not None and not is_simple(current)
    return {
        "tariff_type": forms.ChoiceField(
            label=_("For"),
            required=False,
            choices=[("", _("all sessions")), *((each.value, each.value) for each in TariffType)],
            widget=UnfoldAdminSelectWidget,
        ),
        "tax_included": forms.ChoiceField(
            label=_("Taxes"),
            required=False,
            choices=[("", _("on top of the prices")), ("YES", _("included")), ("N/A", _("none apply"))],
            widget=UnfoldAdminSelectWidget,
        ),
        "elements": forms.JSONField(
            label=_("Elements with conditions (OCPI)"),
            required=False,
            initial=elements_json(current) if current is not None and complex_one else None,
            widget=UnfoldAdminTextareaWidget(attrs={"rows": 12 if complex_one else 3, "spellcheck": "false"}),
            help_text=_("Times, power, amounts ... as OCPI writes them. Counts instead of the prices above."),
        ),
    }


def _initial(current: TariffStructure | None) -> dict[str, Any]:
    if current is None:
        steps = {f"{dimension.value.lower()}_step": step for dimension, (_l, _s, step) in DIMENSIONS.items()}
        return {"currency": "EUR"} | steps
    taxes = "" if current.tax_included is TaxIncluded.NO else current.tax_included.value
    values: dict[str, Any] = {
        "currency": current.currency,
        "tariff_type": current.kind or "",
        "tax_included": taxes,
    }
    for element in current.elements if is_simple(current) else ():
        for part in element.components:
            name = part.dimension.value.lower()
            values |= {name: part.price, f"{name}_vat": part.vat, f"{name}_step": part.step_size}
    for name, limit in (("minimum", current.min_price), ("maximum", current.max_price)):
        if limit is not None:
            values |= {name: limit.excl, f"{name}_incl": limit.incl}
    return values


def _component(dimension: Dimension, values: dict[str, Any]) -> dict[str, Any] | None:
    name = dimension.value.lower()
    if values[name] is None:
        return None
    part: dict[str, Any] = {"type": dimension.value, "price": values[name]}
    if values[f"{name}_vat"] is not None:
        part["vat"] = values[f"{name}_vat"]
    return part | {"step_size": values.get(f"{name}_step") or 1}


def _limit(values: dict[str, Any], name: str) -> dict[str, Any] | None:
    """A limit as OCPI has it; an amount with VAT alone is left to the service to refuse."""
    excl, incl = values[name], values[f"{name}_incl"]
    if excl is None and incl is None:
        return None
    return {"excl_vat": excl} | ({} if incl is None else {"incl_vat": incl})
