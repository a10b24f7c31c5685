"""Organisations: made by the platform's administrators, kept up to date by their own."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from registry.admin.base import ScopedAdmin
from registry.models import Organization, Party


@admin.register(Organization)
class OrganizationAdmin(ScopedAdmin):
    """The charging companies."""

    list_display = ("name", "slug", "party", "currency", "time_zone", "is_default")
    search_fields = ("name", "slug", "party_id")
    prepopulated_fields = {"slug": ("name",)}
    fieldsets = (
        (None, {"fields": ("name", "slug", "website", "is_default")}),
        (_("OCPI"), {"fields": ("country_code", "party_id", "ocpi_roles")}),
        (_("Charge points"), {"fields": ("holds_new_charge_points",)}),
        (_("Place"), {"fields": ("currency", "time_zone")}),
    )

    @admin.display(description=_("party"))
    def party(self, organization: Organization) -> str:
        """The default party, as partners see it."""
        return f"{organization.country_code}-{organization.party_id}".strip("-") or "–"  # noqa: RUF001 -- the dash of an empty cell

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Only where the form can be changed."""
        return self.prepopulated_fields if obj is None else {}


@admin.register(Party)
class PartyAdmin(ScopedAdmin):
    """OCPI parties: ours and our partners'."""

    list_display = ("__str__", "name", "role", "is_own")
    list_filter = ("role", "is_own")
    search_fields = ("country_code", "party_id", "name")
