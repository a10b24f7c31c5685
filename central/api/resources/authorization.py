"""REST: what of the authorisation policies holds at each charge point, and local lists."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from central.api.records import record, resource
from central.models import LocalList, LocalListEntry
from central.services.local_lists import local_list_version_set
from central.services.policies import RULES, Policy, policy_effective, policy_rows
from emobility.lib.api import ScopedViewSet
from emobility.lib.clock import utc_now
from registry.api.base import FaultSerializer
from registry.api.rights import RightPermission
from registry.models import ChargePoint
from registry.rights import Right


class VersionRequest(serializers.Serializer[Any]):
    """Which version the charge point is taken to have; 0: none."""

    version = serializers.IntegerField(min_value=0, max_value=2**31 - 1)


class LocalListVerbs:
    """What can be done to a local list."""

    write_right = Right.OPERATE

    @extend_schema(
        request=VersionRequest,
        responses={204: None, 400: FaultSerializer, 403: FaultSerializer, 409: FaultSerializer},
        examples=[OpenApiExample("Example", value={"version": 7}, request_only=True)],
    )
    @action(detail=True, methods=["post"], filterset_class=None)
    def version(self, request: Request, pk: str = "") -> Response:
        """Correct the version that the charge point is taken to have; the next list is a full one."""
        form = VersionRequest(data=request.data)
        form.is_valid(raise_exception=True)
        view: Any = self
        user: Any = request.user
        local_list_version_set(
            charge_point=view.get_object().charge_point,
            version=form.validated_data["version"],
            requested_by=user,
            now=utc_now(),
        )
        return Response(status=204)


record(
    "local-lists",
    LocalList,
    fields=(
        "charge_point",
        "command",
        "state",
        "state_at",
        "version",
        "wanted_version",
        "reported_version",
        "reported_at",
        "entries_count",
        "left_out",
        "synced_at",
        "error",
    ),
    filters=("state",),
    verbs=(LocalListVerbs,),
)
record(
    "local-list-entries",
    LocalListEntry,
    fields=("local_list", "uid", "token_type", "info"),
    filters=("local_list", "uid"),
)


class EffectivePolicySerializer(serializers.ModelSerializer[ChargePoint]):
    """The rules that hold at a charge point; `sources` names the policy that set each, null for a default."""

    charge_point = serializers.CharField(source="cp_id")
    policy = serializers.SerializerMethodField()
    sources = serializers.SerializerMethodField()

    class Meta:
        model = ChargePoint
        fields = ("charge_point", "policy", "sources")

    def get_policy(self, charge_point: ChargePoint) -> dict[str, Any]:
        """The rules by name."""
        policy: Policy = self._effective(charge_point).policy
        return {name: getattr(policy, name) for name in RULES}

    def get_sources(self, charge_point: ChargePoint) -> dict[str, int | None]:
        """The policies by the rule that they set."""
        sources = self._effective(charge_point).sources
        return {name: source.pk if source else None for name, source in sources.items()}

    def _effective(self, charge_point: ChargePoint) -> Any:
        """All rows of an organisation are read once for the whole answer."""
        context: Any = self.context
        rows = context.setdefault("policies", {})
        owner = charge_point.organization_id
        if owner not in rows:
            rows[owner] = policy_rows(owner)
        return policy_effective(charge_point, rows[owner])


@extend_schema(tags=["authorisation policies"])
class EffectivePolicyViewSet(ScopedViewSet):
    """What holds at each charge point of your organisation: its own rules before its site's and so on."""

    queryset = ChargePoint.objects.all()
    serializer_class = EffectivePolicySerializer
    permission_classes = [RightPermission]
    see_right = Right.INSPECT
    lookup_field = "cp_id"
    lookup_value_regex = "[^/]+"


resource("effective-policies", EffectivePolicyViewSet)
