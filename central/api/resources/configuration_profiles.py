"""REST: configuration profiles; where charge points differ is at `/differences/`, `/apply/` sets it now."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from central.api.own_rows import OwnRelated, OwnRowsViewSet, name_taken
from central.api.records import resource
from central.models import ConfigurationProfile
from central.ocpp.profile_values import wanted_values
from central.selectors.configuration import MOST_SHOWN, versions_of
from central.services.configuration_profiles import differences_many, scope_of, wanted_of
from central.services.configuration_rounds import round_begin
from emobility.lib.errors import Conflict, Forbidden, Invalid
from registry.api.base import FaultSerializer
from registry.models import ChargePointGroup, Site
from registry.rights import Right, may

MOST_AT_ONCE = 500


class ProfileSerializer(serializers.ModelSerializer[ConfigurationProfile]):
    """A profile: `values` is a list of `{"name" | "component", "variable", ..., "value"}`."""

    site = OwnRelated(slug_field="id", queryset=Site.objects.all(), required=False, allow_null=True)
    group = OwnRelated(
        slug_field="id", queryset=ChargePointGroup.objects.all(), required=False, allow_null=True
    )

    class Meta:
        model = ConfigurationProfile
        fields = (
            "id",
            "name",
            "description",
            "values",
            "site",
            "group",
            "vendor",
            "model",
            "priority",
            "is_active",
            "apply_after_boot",
        )
        extra_kwargs = {"values": {"required": True}}

    def validate_values(self, values: Any) -> list[dict[str, Any]]:
        """Raise ValidationError for values that no profile may have."""
        try:
            return wanted_values(values)
        except Invalid as error:
            raise serializers.ValidationError(error.message) from error

    def validate_name(self, name: str) -> str:
        """Raise ValidationError for a name that another profile has."""
        if name_taken(self, name):
            raise serializers.ValidationError(_("Another profile has this name."))
        return name


class DifferenceSerializer(serializers.Serializer[Any]):
    """One wanted value that is not there; `actual` is null where it was never read."""

    charge_point = serializers.CharField()
    name = serializers.CharField()
    wanted = serializers.CharField()
    actual = serializers.CharField(allow_null=True)
    refused_with = serializers.CharField()


class BegunSerializer(serializers.Serializer[Any]):
    """How many charge points are asked for their values; what differs is set then."""

    begun = serializers.IntegerField()


@extend_schema(tags=["configuration profiles"])
class ProfileViewSet(OwnRowsViewSet):
    """Configuration profiles of your organisation."""

    queryset = ConfigurationProfile.objects.select_related("site", "group")
    serializer_class = ProfileSerializer
    audited = ("name", "values", "apply_after_boot")

    @extend_schema(responses={200: DifferenceSerializer(many=True)})
    @action(detail=True, pagination_class=None)
    def differences(self, request: Request, pk: str = "") -> Response:
        """Where the first hundred charge points of the profile are not as wanted."""
        profile: Any = self.get_object()
        return Response(DifferenceSerializer(_differences(profile), many=True).data)

    @extend_schema(request=None, responses={202: BegunSerializer, 403: FaultSerializer, 409: FaultSerializer})
    @action(detail=True, methods=["post"])
    def apply(self, request: Request, pk: str = "") -> Response:
        """Read these values from every charge point of the profile, and set those that differ."""
        profile: Any = self.get_object()
        if not may(request.user, Right.OPERATE):
            raise Forbidden(_("Your role may not do this."))
        if not profile.is_active:
            raise Conflict(_("This profile is not in use."))
        now = timezone.now()
        points = scope_of(profile)[:MOST_AT_ONCE]
        begun = sum(round_begin(charge_point=point, profiles=[profile], now=now) for point in points)
        self.audit("applied", profile)
        return Response({"begun": begun}, status=202)


def _differences(profile: ConfigurationProfile) -> list[dict[str, Any]]:
    points = {point.pk: point for point in scope_of(profile)[:MOST_SHOWN]}
    versions = versions_of(list(points.values()))
    wanted = {pk: list(wanted_of([profile], version).values()) for pk, version in versions.items()}
    return [
        {
            "charge_point": points[pk].cp_id,
            "name": each.wanted.place.name,
            "wanted": each.wanted.value,
            "actual": each.actual,
            "refused_with": each.row.word if each.row else "",
        }
        for pk, found in differences_many(list(points), wanted).items()
        for each in found
    ]


resource("configuration-profiles", ProfileViewSet)
