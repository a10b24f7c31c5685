"""Parking places: where cars stand while they charge."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from registry.admin.base import ScopedAdmin
from registry.admin.filters import OrganizationFilter
from registry.admin.sites import checked
from registry.models import ParkingPlace
from registry.services.facilities import VEHICLES, words_checked


class ParkingPlaceForm(forms.ModelForm):  # type: ignore[type-arg]
    """A parking place's form: the charge point must stand at the site."""

    class Meta:
        model = ParkingPlace
        fields = "__all__"  # noqa: DJ007 -- the admin names the fields
        help_texts: ClassVar[dict[str, Any]] = {
            "vehicle_types": _('Words of OCPI, like ["PERSONAL_VEHICLE", "VAN"].'),
            "evse_number": _("Without it: all EVSEs of the charge point; without both: all of the site."),
        }

    def clean_vehicle_types(self) -> list[str]:
        """Raise ValidationError for anything but words of OCPI."""
        value = self.cleaned_data["vehicle_types"]
        words: list[str] = checked(words_checked, value, VEHICLES, "vehicle_types")
        return words

    def clean(self) -> dict[str, Any]:
        """Raise ValidationError where the charge point stands elsewhere."""
        found: dict[str, Any] = super().clean() or {}
        point, site = found.get("charge_point"), found.get("site")
        if point is not None and site is not None and point.site_id != site.pk:
            raise ValidationError({"charge_point": _("This charge point stands elsewhere.")})
        return found


@admin.register(ParkingPlace)
class ParkingPlaceAdmin(ScopedAdmin):
    """Where cars stand while they charge: told to partners (OCPI 2.3.0)."""

    form = ParkingPlaceForm
    empty_text = _("A parking place belongs to a site, a charge point or one of its EVSEs.")
    list_display = ("place", "site", "belongs_to", "restricted_to_type", "reservation_required")
    list_filter = (OrganizationFilter,)
    list_select_related = ("site", "charge_point", "organization")
    search_fields = ("reference", "site__name", "charge_point__cp_id")
    fieldsets = (
        (
            None,
            {"fields": ("organization", "site", ("charge_point", "evse_number"), "position", "reference")},
        ),
        (
            _("For whom"),
            {
                "fields": (
                    "vehicle_types",
                    ("restricted_to_type", "reservation_required"),
                    "time_limit_min",
                    "dangerous_goods_allowed",
                    "standards",
                )
            },
        ),
        (
            _("How it is"),
            {
                "fields": (
                    ("direction", "drive_through"),
                    ("roofed", "lighting", "refrigeration_outlet"),
                    ("space_length_cm", "space_width_cm"),
                    ("max_vehicle_length_cm", "max_vehicle_width_cm"),
                    ("max_vehicle_height_cm", "max_vehicle_weight_kg"),
                )
            },
        ),
    )

    @display(description=_("parking place"), ordering="reference")
    def place(self, row: ParkingPlace) -> str:
        """What is written there, or its number."""
        return row.reference or str(row.pk)

    @display(description=_("for"))
    def belongs_to(self, row: ParkingPlace) -> Any:
        """The EVSE, the charge point, or the whole site."""
        if row.charge_point is None:
            return _("all charge points")
        return f"{row.charge_point} / {row.evse_number}" if row.evse_number else str(row.charge_point)
