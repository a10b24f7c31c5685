"""REST: security events; a person's look is noted by POST .../acknowledge/."""

from typing import Any

from django.utils import timezone
from django_filters import BooleanFilter, CharFilter, ChoiceFilter, FilterSet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from central.api.records import resource
from central.models import SecurityEvent
from central.models.security_event import Severity
from central.services.security_events import security_event_acknowledge
from emobility.lib.api import ScopedViewSet
from emobility.lib.filters import within
from registry.api.base import FaultSerializer
from registry.api.rights import RightPermission


class SecurityEventSerializer(serializers.ModelSerializer[SecurityEvent]):
    """A security event and who has looked."""

    charge_point = serializers.CharField(source="charge_point.cp_id")
    acknowledged_by = serializers.CharField(source="acknowledged_by.username", default=None, allow_null=True)

    class Meta:
        model = SecurityEvent
        fields = (
            "id",
            "charge_point",
            "kind",
            "severity",
            "tech_info",
            "at",
            "received_at",
            "is_open",
            "acknowledged_at",
            "acknowledged_by",
            "note",
        )


class Seen(serializers.Serializer[Any]):
    """What was found; `alike`: also for the other open events of this kind at this charge point."""

    note = serializers.CharField(max_length=500)
    alike = serializers.BooleanField(default=False)


class SecurityEventFilter(FilterSet):
    """Charge point (cp_id), event, severity, open or not, and the time within [from, to)."""

    charge_point = CharFilter(field_name="charge_point__cp_id")
    kind = CharFilter()
    severity = ChoiceFilter(choices=Severity.choices)
    is_open = BooleanFilter()


within(SecurityEventFilter, "at")


@extend_schema(tags=["security events"])
class SecurityEventViewSet(ScopedViewSet):
    """Security events of your organisation, newest first."""

    queryset = SecurityEvent.objects.select_related("charge_point", "acknowledged_by")
    serializer_class = SecurityEventSerializer
    permission_classes = [RightPermission]
    filterset_class = SecurityEventFilter
    ordering_fields = ("at", "received_at")
    lookup_value_regex = "[0-9]+"

    @extend_schema(
        request=Seen, responses={200: SecurityEventSerializer, 400: FaultSerializer, 409: FaultSerializer}
    )
    @action(detail=True, methods=["post"])
    def acknowledge(self, request: Request, pk: str) -> Response:
        """Note that you have looked."""
        form = Seen(data=request.data)
        form.is_valid(raise_exception=True)
        event: Any = self.get_object()
        user: Any = request.user
        security_event_acknowledge(event=event, user=user, now=timezone.now(), **form.validated_data)
        return Response(SecurityEventSerializer(event).data)


resource("security-events", SecurityEventViewSet)
