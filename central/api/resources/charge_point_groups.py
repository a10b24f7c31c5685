"""REST: groups of charge points, made, changed and read; who belongs now is at `/members/`."""

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from central.api.own_rows import OwnRelated, OwnRowsViewSet, name_taken
from central.api.records import resource
from central.selectors.groups import members_of
from registry.models import ChargePoint, ChargePointGroup, Site


class GroupSerializer(serializers.ModelSerializer[ChargePointGroup]):
    """A group: `members` are those by hand, the filled `rule_*` make others join by themselves."""

    members = OwnRelated(slug_field="cp_id", queryset=ChargePoint.objects.all(), many=True, required=False)
    rule_site = OwnRelated(slug_field="id", queryset=Site.objects.all(), required=False, allow_null=True)

    class Meta:
        model = ChargePointGroup
        fields = (
            "id",
            "name",
            "description",
            "members",
            "rule_site",
            "rule_vendor",
            "rule_model",
            "rule_firmware",
        )

    def validate_name(self, name: str) -> str:
        """Raise ValidationError for a name that another group has."""
        if name_taken(self, name):
            raise serializers.ValidationError(_("Another group has this name."))
        return name


@extend_schema(tags=["groups of charge points"])
class GroupViewSet(OwnRowsViewSet):
    """Groups of charge points of your organisation."""

    queryset = ChargePointGroup.objects.prefetch_related("members")
    serializer_class = GroupSerializer

    @extend_schema(responses={200: serializers.ListSerializer(child=serializers.CharField())})
    @action(detail=True, pagination_class=None)
    def members(self, request: Request, pk: str = "") -> Response:
        """The ids of the charge points that belong now, by hand or by rule."""
        group = self.get_object()
        return Response(list(members_of(group).values_list("cp_id", flat=True)))


resource("charge-point-groups", GroupViewSet)
