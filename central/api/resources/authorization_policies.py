"""REST: authorisation policies, made, changed and deleted: who may charge at a place."""

from typing import Any, Final

from django.utils.translation import gettext as _
from django_filters import CharFilter, FilterSet
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import serializers

from central.api.own_rows import OwnRelated, OwnRowsViewSet
from central.api.records import resource
from central.models import AuthorizationPolicy, IdTokenGroup
from emobility.lib.filters import WholeFilter
from registry.models import ChargePoint, ChargePointGroup, Site

PLACES: Final = ("site", "group", "charge_point")
MOST: Final = 2**15 - 1
"""Sessions of a tag at once; 0 says any number."""
EXAMPLES = [
    OpenApiExample(
        "Everybody charges at one site",
        value={"site": 3, "access": "free"},
        request_only=True,
    ),
    OpenApiExample(
        "The whole organisation keeps local lists in step",
        value={"local_list": True, "unknown_offline": "accept"},
        request_only=True,
    ),
]


class AuthorizationPolicySerializer(serializers.ModelSerializer[AuthorizationPolicy]):
    """The rules of one place: a site, a group, a charge point, or without any the organisation.

    What is null or empty is left to the next wider place, in the end to the defaults. Each place has one
    policy at most.
    """

    site = OwnRelated(slug_field="id", queryset=Site.objects.all(), required=False, allow_null=True)
    group = OwnRelated(
        slug_field="id", queryset=ChargePointGroup.objects.all(), required=False, allow_null=True
    )
    charge_point = OwnRelated(
        slug_field="cp_id", queryset=ChargePoint.objects.all(), required=False, allow_null=True
    )
    master_group = OwnRelated(
        slug_field="id", queryset=IdTokenGroup.objects.all(), required=False, allow_null=True
    )

    class Meta:
        model = AuthorizationPolicy
        fields = (
            "id",
            *PLACES,
            "access",
            "unknown_offline",
            "plug_and_charge",
            "group_stop",
            "sessions_at_once",
            "master_group",
            "local_list",
            "shows_costs",
            "updated_at",
        )
        read_only_fields = ("updated_at",)
        extra_kwargs: dict[str, dict[str, Any]] = {"sessions_at_once": {"min_value": 0, "max_value": MOST}}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Raise ValidationError for two places, and for a place that another policy speaks for."""
        place = {name: attrs.get(name, getattr(self.instance, name, None)) for name in PLACES}
        named = [name for name, row in place.items() if row is not None]
        if len(named) > 1:
            fault = _("Name a site, a group or a charge point, only one of them.")
            raise serializers.ValidationError({name: [fault] for name in named})
        if self._spoken_for(place):
            fault = _("This place has a policy already: change that one.")
            raise serializers.ValidationError({named[0] if named else "site": [fault]})
        return attrs

    def _spoken_for(self, place: dict[str, Any]) -> bool:
        user: Any = self.context["request"].user
        owner = self.instance.organization_id if self.instance else user.organization_id
        others = AuthorizationPolicy.objects.filter(organization_id=owner, **place)
        if self.instance is not None:
            others = others.exclude(pk=self.instance.pk)
        return others.exists()


class AuthorizationPolicyFilter(FilterSet):
    """The place."""

    site = WholeFilter(field_name="site_id")
    group = WholeFilter(field_name="group_id")
    charge_point = CharFilter(field_name="charge_point__cp_id")


@extend_schema(tags=["authorisation policies"])
@extend_schema_view(create=extend_schema(examples=EXAMPLES))
class AuthorizationPolicyViewSet(OwnRowsViewSet):
    """Who may charge where in your organisation, newest first; a change holds at once, elsewhere in 2 s."""

    queryset = AuthorizationPolicy.objects.select_related(*PLACES, "master_group")
    serializer_class = AuthorizationPolicySerializer
    filterset_class = AuthorizationPolicyFilter
    audited = (
        "site_id",
        "group_id",
        "charge_point_id",
        "access",
        "unknown_offline",
        "plug_and_charge",
        "group_stop",
        "sessions_at_once",
        "master_group_id",
        "local_list",
        "shows_costs",
    )


resource("authorization-policies", AuthorizationPolicyViewSet)
