"""Sites: the places where charge points stand."""

from collections.abc import Callable
from typing import Any, ClassVar
from zoneinfo import available_timezones

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import display

from emobility.lib.display import link
from emobility.lib.errors import Invalid
from emobility.lib.maps import Spot
from registry.admin.base import ScopedAdmin
from registry.admin.filters import OrganizationFilter
from registry.admin.mapping import MOST, MapAdmin
from registry.models import Site
from registry.models.charge_point import RegistrationStatus
from registry.services.facilities import FACILITIES, words_checked
from registry.services.opening_hours import opening_hours_read


def checked(check: Callable[..., Any], *values: Any) -> Any:
    """What a check of the services says, its refusal as a form tells it."""
    try:
        return check(*values)
    except Invalid as error:
        raise ValidationError(error.message) from error


class SiteForm(forms.ModelForm):  # type: ignore[type-arg]
    """A site's form; the time zone must exist."""

    class Meta:
        model = Site
        fields = "__all__"  # noqa: DJ007 -- the admin names the fields
        help_texts: ClassVar[dict[str, Any]] = {
            "opening_hours": _(
                "One rule a line: 24/7, Mo-Fr 08:00-20:00, 2026-12-25 closed. Empty: nobody knows."
            ),
            "facilities": _('Words of OCPI, like ["HOTEL", "WIFI"].'),
            "visibility": _("Whether partners learn of the site, and whether their apps may show it."),
        }

    def clean_time_zone(self) -> str:
        """Raise ValidationError for an unknown time zone."""
        zone: str = self.cleaned_data["time_zone"]
        if zone not in available_timezones():
            raise ValidationError(_("Unknown time zone; name one like Europe/Berlin."))
        return zone

    def clean_opening_hours(self) -> str:
        """Raise ValidationError for a line that nobody understands."""
        text: str = self.cleaned_data["opening_hours"]
        checked(opening_hours_read, text)
        return text

    def clean_facilities(self) -> list[str]:
        """Raise ValidationError for anything but words of OCPI."""
        value = self.cleaned_data["facilities"]
        words: list[str] = checked(words_checked, value or [], FACILITIES, "facilities")
        return words


@admin.register(Site)
class SiteAdmin(MapAdmin, ScopedAdmin):
    """The organisation's sites, each with a link to its charge points."""

    form = SiteForm
    map_title = _("Sites")
    empty_text = _("A site is a place with an address; its charge points take their time zone from it.")
    list_display = ("name", "address_line", "charge_points_here", "time_zone")
    list_filter = ("country", OrganizationFilter)
    list_select_related = ("organization",)
    search_fields = ("name", "address", "city", "postal_code")
    fieldsets = (
        (None, {"fields": ("organization", "name", "time_zone")}),
        (_("Address"), {"fields": ("address", ("postal_code", "city"), ("state", "country"))}),
        (_("On the map"), {"fields": (("latitude", "longitude"),)}),
        (
            _("For drivers and partners"),
            {
                "fields": (
                    "visibility",
                    "opening_hours",
                    "charging_when_closed",
                    ("parking_type", "help_phone"),
                    "directions",
                    "facilities",
                )
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With the number of charge points in use."""
        registered = Q(charge_points__status=RegistrationStatus.REGISTERED)
        return super().get_queryset(request).annotate(here=Count("charge_points", filter=registered))

    def spots(self, request: HttpRequest, rows: Any) -> list[Spot]:
        """Those whose coordinates are known, with the number of their charge points."""
        known = rows.filter(latitude__isnull=False, longitude__isnull=False)[:MOST]
        return [_spot(site) for site in known]

    @display(description=_("address"), ordering="city")
    def address_line(self, site: Site) -> str:
        """The address on one line."""
        town = f"{site.postal_code} {site.city}".strip()
        return ", ".join(part for part in (site.address, town, site.country) if part)

    @display(description=_("charge points"), ordering="here")
    def charge_points_here(self, site: Any) -> Any:
        """How many stand there, and which."""
        return link(f"/admin/registry/chargepoint/?site_id={site.pk}", site.here) if site.here else "0"


def _spot(site: Any) -> Spot:
    count = ngettext("{count} charge point", "{count} charge points", site.here).format(count=site.here)
    place = reverse("admin:registry_site_change", args=[site.pk])
    tone = "good" if site.here else "mute"
    return Spot(float(site.latitude), float(site.longitude), site.name, site.city, place, tone, count)
