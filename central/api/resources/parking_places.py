"""REST: parking places, where cars stand while they charge (OCPI 2.3.0 Parking); made, changed and read."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers

from central.api.own_rows import OwnRelated, OwnRowsViewSet
from central.api.records import resource
from emobility.lib.errors import Invalid
from registry.models import ChargePoint, ParkingPlace, Site
from registry.rights import Right
from registry.services.facilities import VEHICLES, words_checked

LONGEST_STANDARD = 36
NUMBERS = (
    "evse_number",
    "time_limit_min",
    "max_vehicle_weight_kg",
    "max_vehicle_height_cm",
    "max_vehicle_length_cm",
    "max_vehicle_width_cm",
    "space_length_cm",
    "space_width_cm",
)
FACTS = (
    "position",
    "reference",
    "vehicle_types",
    "restricted_to_type",
    "reservation_required",
    "direction",
    "drive_through",
    "roofed",
    "lighting",
    "dangerous_goods_allowed",
    "refrigeration_outlet",
    "standards",
)


class ParkingPlaceSerializer(serializers.ModelSerializer[ParkingPlace]):
    """A place for a car: lengths in cm, weight in kg, the time limit in minutes.

    Without `evse_number` it is for all EVSEs of its charge point, without `charge_point` for all of the site.
    `vehicle_types` are words of OCPI's VehicleType.
    """

    site = OwnRelated(slug_field="id", queryset=Site.objects.all())
    charge_point = OwnRelated(
        slug_field="cp_id", queryset=ChargePoint.objects.all(), required=False, allow_null=True
    )
    vehicle_types = serializers.ListField(child=serializers.ChoiceField(choices=VEHICLES), required=False)
    standards = serializers.ListField(
        child=serializers.CharField(max_length=LONGEST_STANDARD), required=False, max_length=20
    )

    class Meta:
        model = ParkingPlace
        fields = ("id", "site", "charge_point", *NUMBERS, *FACTS, "created_at", "updated_at")
        read_only_fields = ("created_at", "updated_at")
        extra_kwargs: dict[str, dict[str, Any]] = {name: {"min_value": 1} for name in NUMBERS}

    def validate_vehicle_types(self, value: list[str]) -> list[str]:
        """Each word once. Raise ValidationError for none."""
        try:
            found = words_checked(value, VEHICLES, "vehicle_types")
        except Invalid as error:
            raise serializers.ValidationError(error.message) from error
        if not found:
            raise serializers.ValidationError(_("Name at least one kind of vehicle."))
        return found

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Raise ValidationError for a charge point that stands elsewhere, or an EVSE of none."""
        point, site, number = (
            attrs.get(name, getattr(self.instance, name, None))
            for name in ("charge_point", "site", "evse_number")
        )
        if point is not None and site is not None and point.site_id != site.pk:
            raise serializers.ValidationError({"charge_point": _("This charge point stands elsewhere.")})
        if number is not None and point is None:
            raise serializers.ValidationError({"evse_number": _("Of which charge point?")})
        return attrs


@extend_schema(tags=["parking places"])
class ParkingPlaceViewSet(OwnRowsViewSet):
    """Parking places of your organisation; roaming partners of OCPI 2.3.0 are told of them."""

    queryset = ParkingPlace.objects.select_related("site", "charge_point")
    serializer_class = ParkingPlaceSerializer
    see_right = Right.SEE
    filterset_fields = ("site", "charge_point__cp_id", "reservation_required")
    ordering_fields = ("reference", "updated_at")
    audited = ("site_id", "charge_point_id", "reference", *NUMBERS)


resource("parking-places", ParkingPlaceViewSet)
