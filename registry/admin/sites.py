"""Sites: the places where charge points stand."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from emobility.lib.display import link
from registry.admin.base import ScopedAdmin
from registry.admin.filters import OrganizationFilter
from registry.models import Site
from registry.models.charge_point import RegistrationStatus


class SiteForm(forms.ModelForm):  # type: ignore[type-arg]
    """A site's form; the time zone must exist."""

    class Meta:
        model = Site
        fields = "__all__"  # noqa: DJ007 -- the admin names the fields

    def clean_time_zone(self) -> str:
        """Raise ValidationError for an unknown time zone."""
        zone: str = self.cleaned_data["time_zone"]
        if zone not in available_timezones():
            raise ValidationError(_("Unknown time zone; name one like Europe/Berlin."))
        return zone


@admin.register(Site)
class SiteAdmin(ScopedAdmin):
    """The organisation's sites, each with a link to its charge points."""

    form = SiteForm
    empty_text = _("A site is a place with an address; its charge points take their time zone from it.")
    list_display = ("name", "address_line", "charge_points_here", "time_zone")
    list_filter = ("country", OrganizationFilter)
    list_select_related = ("organization",)
    search_fields = ("name", "address", "city", "postal_code")
    fieldsets = (
        (None, {"fields": ("organization", "name", "time_zone")}),
        (_("Address"), {"fields": ("address", ("postal_code", "city"), "country")}),
        (_("On the map"), {"fields": (("latitude", "longitude"),)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With the number of charge points in use."""
        registered = Q(charge_points__status=RegistrationStatus.REGISTERED)
        return super().get_queryset(request).annotate(here=Count("charge_points", filter=registered))

    @display(description=_("address"), ordering="city")
    def address_line(self, site: Site) -> str:
        """The address on one line."""
        town = f"{site.postal_code} {site.city}".strip()
        return ", ".join(part for part in (site.address, town, site.country) if part)

    @display(description=_("charge points"), ordering="here")
    def charge_points_here(self, site: Any) -> Any:
        """How many stand there, and which."""
        return link(f"/admin/registry/chargepoint/?site_id={site.pk}", site.here) if site.here else "0"
