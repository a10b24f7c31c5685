"""REST: configuration profiles; where charge points differ is at `/differences/`, `/apply/` sets it now."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from central.api.records import resource
from central.api.resources.charge_point_groups import OwnRelated
from central.models import ConfigurationProfile
from central.ocpp.profile_values import wanted_values
from central.selectors.configuration import MOST_SHOWN, versions_of
from central.services.configuration_profiles import differences_many, scope_of, wanted_of
from central.services.configuration_rounds import round_begin
from emobility.lib.api import ScopedViewSet
from emobility.lib.errors import Conflict, Forbidden, Invalid
from registry.api.base import FaultSerializer
from registry.api.rights import RightPermission
from registry.models import ChargePointGroup, Site
from registry.rights import Right, may
from registry.services.audit import audit_record

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
        twins = ConfigurationProfile.objects.visible_to(self.context["request"].user).filter(name=name)
        if self.instance is not None:
            twins = twins.exclude(pk=self.instance.pk)
        if twins.exists():
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
class ProfileViewSet(
    mixins.CreateModelMixin, mixins.UpdateModelMixin, mixins.DestroyModelMixin, ScopedViewSet
):
    """Configuration profiles of your organisation."""

    queryset = ConfigurationProfile.objects.select_related("site", "group")
    serializer_class = ProfileSerializer
    permission_classes = [RightPermission]
    see_right = Right.INSPECT
    write_right = Right.ENROL
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]
    lookup_value_regex = "[0-9]+"

    def perform_create(self, serializer: Any) -> None:
        """In the caller's organisation; platform administrators have none to put it in."""
        organization_id = getattr(self.request.user, "organization_id", None)
        if organization_id is None:
            raise serializers.ValidationError({"organization": [_("You belong to no organisation.")]})
        self._audit("added", serializer.save(organization_id=organization_id))

    def perform_update(self, serializer: Any) -> None:
        """With its trace in the audit trail."""
        self._audit("changed", serializer.save())

    def perform_destroy(self, instance: Any) -> None:
        """With its trace in the audit trail."""
        self._audit("deleted", instance)
        instance.delete()

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
        self._audit("applied", profile)
        return Response({"begun": begun}, status=202)

    def _audit(self, verb: str, profile: ConfigurationProfile) -> None:
        user: Any = self.request.user
        audit_record(
            actor=user,
            action=f"configurationprofile.{verb}",
            organization_id=profile.organization_id,
            object_type="configurationprofile",
            object_id=str(profile.pk),
            after={"name": profile.name, "values": profile.values, "automatic": profile.apply_after_boot},
            now=timezone.now(),
        )


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
