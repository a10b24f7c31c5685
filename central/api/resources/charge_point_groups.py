"""REST: groups of charge points, made, changed and read; who belongs now is at `/members/`."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from central.api.records import resource
from central.selectors.groups import members_of
from emobility.lib.api import ScopedViewSet
from registry.api.rights import RightPermission
from registry.models import ChargePoint, ChargePointGroup, Site
from registry.rights import Right
from registry.services.audit import audit_record


class OwnRelated(serializers.SlugRelatedField):  # type: ignore[type-arg]
    """A related row among those that the caller may see."""

    def get_queryset(self) -> Any:
        """The visible rows."""
        rows: Any = super().get_queryset()
        return rows.visible_to(self.context["request"].user)


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
        user = self.context["request"].user
        twins = ChargePointGroup.objects.visible_to(user).filter(name=name)
        if self.instance is not None:
            twins = twins.exclude(pk=self.instance.pk)
        if twins.exists():
            raise serializers.ValidationError(_("Another group has this name."))
        return name


@extend_schema(tags=["groups of charge points"])
class GroupViewSet(mixins.CreateModelMixin, mixins.UpdateModelMixin, mixins.DestroyModelMixin, ScopedViewSet):
    """Groups of charge points of your organisation."""

    queryset = ChargePointGroup.objects.prefetch_related("members")
    serializer_class = GroupSerializer
    permission_classes = [RightPermission]
    see_right = Right.SEE
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

    @extend_schema(responses={200: serializers.ListSerializer(child=serializers.CharField())})
    @action(detail=True, pagination_class=None)
    def members(self, request: Request, pk: str = "") -> Response:
        """The ids of the charge points that belong now, by hand or by rule."""
        group = self.get_object()
        return Response(list(members_of(group).values_list("cp_id", flat=True)))

    def _audit(self, verb: str, group: ChargePointGroup) -> None:
        user: Any = self.request.user
        audit_record(
            actor=user,
            action=f"chargepointgroup.{verb}",
            organization_id=group.organization_id,
            object_type="chargepointgroup",
            object_id=str(group.pk),
            after={"name": group.name},
            now=timezone.now(),
        )


resource("charge-point-groups", GroupViewSet)
