"""What REST shows of a charge point, what may be changed there, and by what lists are filtered."""

from typing import Any

from django.db.models import QuerySet
from django_filters import CharFilter, ChoiceFilter, FilterSet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from central.api.own_rows import OwnRelated
from central.models import Connector
from central.selectors.groups import members_of
from central.selectors.overview import STATES, power_now, state_since
from emobility.lib.filters import WholeFilter
from registry.models import ChargePoint, ChargePointGroup, Site
from registry.models.charge_point import RegistrationStatus


class ConnectorStateSerializer(serializers.ModelSerializer[Connector]):
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
    connectors = ConnectorStateSerializer(many=True)
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

    group = WholeFilter(method="in_group")
    state = ChoiceFilter(choices=tuple((key, words[0]) for key, words in STATES.items()))
    registration = ChoiceFilter(field_name="status", choices=RegistrationStatus.choices)
    site = WholeFilter(field_name="site_id")
    model = CharFilter(field_name="live__model")
    firmware = CharFilter(field_name="live__firmware_version")
    ocpp_version = CharFilter(field_name="live__ocpp_version")

    def in_group(self, rows: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:
        """Those in the group by hand or by rule; none for a group that the caller does not see."""
        user = getattr(self.request, "user", None)
        group = ChargePointGroup.objects.visible_to(user).filter(pk=value).first()
        return rows.filter(pk__in=members_of(group).values("pk")) if group else rows.none()


class ChargePointChange(serializers.ModelSerializer[ChargePoint]):
    """What may be changed of a charge point: its site, its place in words, and notes of yours."""

    site = OwnRelated(slug_field="id", queryset=Site.objects.all(), required=False, allow_null=True)
    metadata = serializers.DictField(required=False)

    class Meta:
        model = ChargePoint
        fields = ("site", "location", "metadata")
