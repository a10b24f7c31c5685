"""REST: charge points with the state that lists show."""

from typing import Any

from django.db.models import QuerySet
from django_filters import CharFilter, ChoiceFilter, FilterSet, NumberFilter
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from central.models import Connector
from central.ocpp.boots import boot_ask
from central.selectors.groups import members_of
from central.selectors.overview import STATES, for_display, power_now, state_since, with_state
from central.services.acceptance import charge_point_accept
from central.services.disconnections import charge_point_disconnect
from emobility.lib.api import ScopedViewSet
from emobility.lib.clock import utc_now
from registry.api.base import FaultSerializer
from registry.api.callers import request_address
from registry.api.rights import RightPermission
from registry.models import ChargePoint, ChargePointGroup
from registry.models.charge_point import RegistrationStatus
from registry.rights import Right


class ConnectorSerializer(serializers.ModelSerializer[Connector]):
    """A connector with the state that it reported, in the protocol's own word."""

    evse = serializers.IntegerField(source="evse.number")
    connector = serializers.IntegerField(source="number")
    status_since = serializers.DateTimeField(source="status_at")

    class Meta:
        model = Connector
        fields = ("evse", "connector", "status", "status_since", "error_code", "error_info")


class LiveSerializer(serializers.Serializer[Any]):
    """What we hear of it now."""

    online = serializers.BooleanField(source="is_online")
    connected_at = serializers.DateTimeField(allow_null=True)
    last_seen = serializers.DateTimeField(allow_null=True)
    ocpp_version = serializers.CharField()
    boot_status = serializers.CharField()
    booted_at = serializers.DateTimeField(allow_null=True)
    vendor = serializers.CharField()
    model = serializers.CharField()
    serial_number = serializers.CharField()
    firmware_version = serializers.CharField()
    monitor_state = serializers.CharField()
    monitor_reason = serializers.CharField()
    monitor_at = serializers.DateTimeField(allow_null=True)


class PlaceSerializer(serializers.Serializer[Any]):
    """A site."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    city = serializers.CharField()
    country = serializers.CharField()
    time_zone = serializers.CharField()


class ChargePointSerializer(serializers.ModelSerializer[ChargePoint]):
    """A charge point: what it is, how it is, since when; power in W."""

    registration = serializers.CharField(source="status")
    site = PlaceSerializer(allow_null=True)
    state = serializers.ChoiceField(choices=tuple((key, words[0]) for key, words in STATES.items()))
    state_since = serializers.SerializerMethodField()
    power_w = serializers.SerializerMethodField()
    live = serializers.SerializerMethodField()
    connectors = ConnectorSerializer(many=True)
    running_sessions = serializers.SerializerMethodField()

    class Meta:
        model = ChargePoint
        fields = (
            "cp_id",
            "location",
            "site",
            "registration",
            "registered_at",
            "security_profile",
            "state",
            "state_since",
            "power_w",
            "live",
            "connectors",
            "running_sessions",
        )

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_state_since(self, charge_point: Any) -> Any:
        """When the state began."""
        since = state_since(charge_point)
        return None if since is None else serializers.DateTimeField().to_representation(since)

    def get_power_w(self, charge_point: Any) -> int | None:
        """The power of all running sessions."""
        return power_now(charge_point)

    @extend_schema_field(LiveSerializer(allow_null=True))
    def get_live(self, charge_point: Any) -> Any:
        """None for a charge point that never connected."""
        live = getattr(charge_point, "live", None)
        return None if live is None else LiveSerializer(live).data

    def get_running_sessions(self, charge_point: Any) -> list[str]:
        """Ids of the running sessions."""
        return [str(session.uid) for session in charge_point.running]


class DisconnectRequest(serializers.Serializer[Any]):
    """Why, for the audit trail."""

    reason = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)


class ChargePointFilter(FilterSet):
    """State, registration, site, group, model, firmware, protocol."""

    group = NumberFilter(method="in_group")
    state = ChoiceFilter(choices=tuple((key, words[0]) for key, words in STATES.items()))
    registration = ChoiceFilter(field_name="status", choices=RegistrationStatus.choices)
    site = NumberFilter(field_name="site_id")
    model = CharFilter(field_name="live__model")
    firmware = CharFilter(field_name="live__firmware_version")
    ocpp_version = CharFilter(field_name="live__ocpp_version")

    def in_group(self, rows: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:
        """Those in the group by hand or by rule; none for a group that the caller does not see."""
        user = getattr(self.request, "user", None)
        group = ChargePointGroup.objects.visible_to(user).filter(pk=value).first()
        return rows.filter(pk__in=members_of(group).values("pk")) if group else rows.none()


@extend_schema(tags=["charge points"])
class ChargePointViewSet(ScopedViewSet):
    """Charge points of your organisation."""

    queryset = ChargePoint.objects.all()
    serializer_class = ChargePointSerializer
    permission_classes = [RightPermission]
    see_right = Right.SEE
    write_right = Right.ENROL
    filterset_class = ChargePointFilter
    lookup_field = "cp_id"
    lookup_value_regex = "[^/]+"

    def get_queryset(self) -> QuerySet[Any]:
        """With state, connectors and running sessions."""
        return for_display(with_state(super().get_queryset()))

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, cp_id: str) -> Response:
        """Let a charge point serve that waits since its boot (OCPP status Pending)."""
        user: Any = request.user
        charge_point = self.get_object()
        charge_point_accept(charge_point=charge_point, actor=user, now=utc_now())
        boot_ask(charge_point=charge_point, requested_by=user, source="rest", now=utc_now())
        return Response(status=204)

    @extend_schema(
        request=DisconnectRequest,
        responses={204: None, 403: FaultSerializer, 404: FaultSerializer, 409: FaultSerializer},
    )
    @action(detail=True, methods=["post"], write_right=Right.OPERATE, filterset_class=None)
    def disconnect(self, request: Request, cp_id: str) -> Response:
        """Close its connection; it stays registered and may connect again. 409 where it is not connected."""
        form = DisconnectRequest(data=request.data)
        form.is_valid(raise_exception=True)
        user: Any = request.user
        charge_point_disconnect(
            charge_point=self.get_object(),
            requested_by=user,
            reason=form.validated_data["reason"],
            remote_address=request_address(request),
            now=utc_now(),
        )
        return Response(status=204)
