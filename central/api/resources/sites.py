"""REST: sites, the places where charge points stand; made, changed and read."""

from typing import Any
from zoneinfo import available_timezones

from django.utils.translation import gettext as _
from django_filters import CharFilter, FilterSet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers

from central.api.own_rows import OwnRowsViewSet, name_taken
from central.api.records import resource
from emobility.lib.errors import Invalid
from registry.models import Site
from registry.rights import Right
from registry.services.facilities import FACILITIES, words_checked
from registry.services.opening_hours import opening_hours_read


class SiteSerializer(serializers.ModelSerializer[Site]):
    """A site: country as ISO 3166 alpha-3, coordinates in degrees, `time_zone` by its IANA name.

    `opening_hours` has one rule a line: `24/7`, `Mo-Fr 08:00-20:00`, `2026-12-25 closed`; `facilities` and
    `parking_type` are words of OCPI.
    """

    class Meta:
        model = Site
        fields = (
            "id",
            "name",
            "address",
            "city",
            "postal_code",
            "country",
            "latitude",
            "longitude",
            "time_zone",
            "state",
            "visibility",
            "parking_type",
            "facilities",
            "opening_hours",
            "charging_when_closed",
            "help_phone",
            "directions",
            "created_at",
            "updated_at",
        )
        read_only_fields = ("created_at", "updated_at")
        extra_kwargs: dict[str, dict[str, Any]] = {
            "latitude": {"min_value": -90, "max_value": 90},
            "longitude": {"min_value": -180, "max_value": 180},
        }

    def validate_name(self, name: str) -> str:
        """Raise ValidationError for a name that another site has."""
        if name_taken(self, name):
            raise serializers.ValidationError(_("Another site has this name."))
        return name

    def validate_country(self, country: str) -> str:
        """Raise ValidationError for anything but three letters."""
        if not (len(country) == 3 and country.isascii() and country.isalpha()):
            raise serializers.ValidationError(_("Write the country as three letters, like DEU."))
        return country.upper()

    def validate_time_zone(self, zone: str) -> str:
        """Raise ValidationError for an unknown time zone."""
        if zone not in available_timezones():
            raise serializers.ValidationError(_("Unknown time zone; name one like Europe/Berlin."))
        return zone

    def validate_opening_hours(self, text: str) -> str:
        """Raise ValidationError for a line that nobody understands."""
        try:
            opening_hours_read(text)
        except Invalid as error:
            raise serializers.ValidationError(error.message) from error
        return text

    def validate_facilities(self, value: Any) -> list[str]:
        """Raise ValidationError for anything but words of OCPI."""
        try:
            return words_checked(value, FACILITIES, "facilities")
        except Invalid as error:
            raise serializers.ValidationError(error.message) from error


class SiteFilter(FilterSet):
    """Name, city and country, whatever their letters' size."""

    name = CharFilter(lookup_expr="iexact")
    city = CharFilter(lookup_expr="iexact")
    country = CharFilter(lookup_expr="iexact")


@extend_schema(tags=["sites"])
class SiteViewSet(OwnRowsViewSet):
    """Sites of your organisation. Charge points and sessions of a deleted site stay, without a site."""

    queryset = Site.objects.all()
    serializer_class = SiteSerializer
    see_right = Right.SEE
    filterset_class = SiteFilter
    ordering_fields = ("name", "city", "updated_at")
    audited = ("name", "address", "city", "postal_code", "country", "time_zone", "visibility")


resource("sites", SiteViewSet)
