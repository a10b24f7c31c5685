"""List filters that offer only what the person may see."""

from collections.abc import Iterator
from typing import Any

from django.contrib.admin.options import ModelAdmin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from registry.admin.base import visible
from registry.models import Organization, Site

LONGEST_CHOICE = 200


class VisibleFilter(DropdownFilter):
    """A drop-down of related rows, limited to those visible to the person."""

    model: Any = None

    def lookups(self, request: HttpRequest, model_admin: "ModelAdmin[Any]") -> list[tuple[str, str]]:
        """The visible rows, the first hundreds of them."""
        rows = visible(self.model.objects.all(), request.user)[:LONGEST_CHOICE]
        return [(str(row.pk), str(row)) for row in rows]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Rows that point at the chosen one."""
        value = self.value()
        if not value:
            return queryset
        return queryset.filter(**{f"{self.parameter_name}": value}) if value.isdigit() else queryset.none()


class SiteFilter(VisibleFilter):
    """By the row's site."""

    title, parameter_name, model = _("site"), "site_id", Site


class OrganizationFilter(VisibleFilter):
    """By organisation: only for those who see several."""

    title, parameter_name, model = _("organisation"), "organization_id", Organization

    def lookups(self, request: HttpRequest, model_admin: "ModelAdmin[Any]") -> list[tuple[str, str]]:
        """All organisations, or nothing to choose from."""
        if not getattr(request.user, "sees_all", False):
            return []
        return super().lookups(request, model_admin)


class ChoiceFilter(DropdownFilter):
    """A drop-down of fixed words; `field` is the column it compares with."""

    options: Any = ()
    field = ""

    def lookups(self, request: HttpRequest, model_admin: "ModelAdmin[Any]") -> Iterator[tuple[str, Any]]:
        """The words."""
        yield from self.options

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Rows whose column is the chosen word."""
        value = self.value()
        return queryset.filter(**{self.field or str(self.parameter_name): value}) if value else queryset
