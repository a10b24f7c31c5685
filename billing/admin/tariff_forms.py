"""Forms of tariffs, as a tariff manager thinks of them: rows of prices, when they apply, limits, taxes."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from billing.admin.element_forms import blank_row, elements_of, rows_of
from billing.services.summaries import tariff_summary
from billing.services.tariff_lint import tariff_lint
from billing.services.tariff_parsing import tariff_parse
from billing.services.tariff_structure import TariffStructure, TariffType, TaxIncluded
from emobility.lib.errors import Invalid
from registry.models import Organization

PARSED = ("currency", "elements", "min_price", "max_price", "tax_included")
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
    """What a version charges: rows of prices with the conditions under which they apply, limits, taxes.

    `rows_template` shows the rows below the fields. With `preview` in what is sent nothing is saved: the page
    comes again and says in words what the tariff would charge.
    """

    rows_template = "billing/tariff_rows.html"

    def __init__(self, data: Any, organization: Organization | None, current: TariffStructure | None) -> None:
        super().__init__(data, organization, initial=_initial(current))
        own: dict[str, forms.Field] = {"currency": text_field(_("Currency"), max_length=3)}
        own |= _whole_fields()
        self.fields = own | self.fields
        self.limits = LimitsForm(data, initial=_initial(current))
        self.rows = rows_of(data, current)
        self.blank = blank_row()
        self.expert = ExpertForm(data)
        self.words: list[str] = []

    @property
    def count(self) -> int:
        """How many rows the page has."""
        return len(self.rows)

    def is_valid(self) -> bool:
        """True where fields and rows are, and it is to be saved."""
        others = (self.limits, self.expert, *self.rows)
        parts = [super().is_valid(), *(part.is_valid() for part in others)]
        if not all(parts) or "preview" not in self.data:
            return all(parts)
        self.words = self._in_words()
        return False

    def structure(self) -> dict[str, Any]:
        """What the tariff services take; raises Invalid without any price."""
        elements = self.expert.cleaned_data["elements"] or elements_of(self.rows)
        if not elements:
            raise Invalid(str(_("Name at least one price; a free tariff has a start fee of 0.")))
        values = self.cleaned_data
        return {
            "currency": values["currency"].upper(),
            "elements": elements,
            "min_price": _limit(self.limits.cleaned_data, "minimum"),
            "max_price": _limit(self.limits.cleaned_data, "maximum"),
            "tariff_type": values["tariff_type"],
            "tax_included": values["tax_included"],
            "valid_from": values["valid_from"],
        }

    def _in_words(self) -> list[str]:
        """What it would charge, and what is odd about it; or what is wrong."""
        try:
            said = self.structure()
            tariff = tariff_parse({name: said[name] for name in PARSED} | {"type": said["tariff_type"]})
        except Invalid as error:
            return [error.message, *(f"{name}: {fault}" for name, fault in error.fields.items())]
        return [tariff_summary(tariff), *(f"{each.field}: {each.text}" for each in tariff_lint(tariff))]


class LimitsForm(forms.Form):
    """The least and the most that a session costs."""

    def __init__(self, data: Any, initial: Any) -> None:
        super().__init__(data, initial=initial)
        self.fields = {name: number_field(label) for name, label in LIMITS.items()}


class ExpertForm(forms.Form):
    """The elements as OCPI writes them, for who has them so."""

    elements = forms.JSONField(
        label=_("Elements as OCPI JSON"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 6, "spellcheck": "false"}),
        help_text=_("Counts instead of the rows above, where something stands here."),
    )


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


def _whole_fields() -> dict[str, forms.Field]:
    """Type and taxes."""
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
    }


def _initial(current: TariffStructure | None) -> dict[str, Any]:
    if current is None:
        return {"currency": "EUR"}
    taxes = "" if current.tax_included is TaxIncluded.NO else current.tax_included.value
    values: dict[str, Any] = {
        "currency": current.currency,
        "tariff_type": current.kind or "",
        "tax_included": taxes,
    }
    for name, limit in (("minimum", current.min_price), ("maximum", current.max_price)):
        if limit is not None:
            values |= {name: limit.excl, f"{name}_incl": limit.incl}
    return values


def _limit(values: dict[str, Any], name: str) -> dict[str, Any] | None:
    """A limit as OCPI has it; an amount with VAT alone is left to the service to refuse."""
    excl, incl = values[name], values[f"{name}_incl"]
    if excl is None and incl is None:
        return None
    return {"excl_vat": excl} | ({} if incl is None else {"incl_vat": incl})
