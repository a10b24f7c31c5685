"""The form of a bulk command: which charge points."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from central.ocpp.catalog import VERSIONS
from registry.models import ChargePointGroup, Site


class SelectionForm(forms.Form):
    """All of what is filled in must fit."""

    site: Any = forms.ModelChoiceField(Site.objects.none(), label=_("Site"), required=False)
    group: Any = forms.ModelChoiceField(ChargePointGroup.objects.none(), label=_("Group"), required=False)
    vendor = forms.CharField(label=_("Vendor"), max_length=50, required=False)
    model = forms.CharField(label=_("Model"), max_length=50, required=False)
    firmware = forms.CharField(
        label=_("Firmware begins with"), max_length=50, required=False, help_text=_("Like 1.4.")
    )
    ocpp_version = forms.ChoiceField(
        label=_("Protocol"),
        choices=[("", "…"), *((version, f"OCPP {version}") for version in VERSIONS)],
        required=False,
    )
    charge_points = forms.CharField(
        label=_("Charge points by name"),
        widget=forms.Textarea,
        required=False,
        help_text=_("Ids, separated by commas or lines."),
    )
    all = forms.BooleanField(
        label=_("All charge points"), required=False, help_text=_("Where nothing else is filled in.")
    )

    def __init__(self, data: Any, user: Any, initial: Any = None) -> None:
        super().__init__(data, prefix="to", initial=initial)
        self.fields["site"].queryset = Site.objects.visible_to(user)  # type: ignore[attr-defined]
        self.fields["group"].queryset = ChargePointGroup.objects.visible_to(user)  # type: ignore[attr-defined]

    def selection(self) -> dict[str, Any]:
        """What was filled in, as selections know it."""
        values = self.cleaned_data
        names = values["charge_points"].replace(",", "\n").split("\n")
        chosen = {
            **{name: values[name] for name in ("vendor", "model", "firmware", "ocpp_version", "all")},
            **{name: values[name].pk for name in ("site", "group") if values[name]},
            "charge_points": [name.strip() for name in names if name.strip()],
        }
        return {name: value for name, value in chosen.items() if value}
