"""`/api/status`: every part of the installation with its state and age, for people who look after it."""

from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from registry.api.base import FaultSerializer
from registry.api.checks import PARTS, states
from registry.api.rights import RightPermission
from registry.rights import Right

EXAMPLE = OpenApiExample(
    "a worker that is gone",
    {
        "service": "EV Central",
        "status": "degraded",
        "version": "2.0.0",
        "timestamp": "2026-03-02T12:00:00Z",
        "parts": {
            "database": {"state": "ok", "age_seconds": 0.0, "detail": "postgresql"},
            "layer": {"state": "ok", "age_seconds": 3.1, "detail": ""},
            "broker": {"state": "ok", "age_seconds": 3.1, "detail": "0 tasks wait"},
            "worker": {"state": "late", "age_seconds": 340.2, "detail": ""},
            "beat": {"state": "ok", "age_seconds": 4.0, "detail": ""},
            "disk": {"state": "ok", "age_seconds": 0.0, "detail": "61 % free"},
        },
    },
    response_only=True,
)


class HealthPartSerializer(serializers.Serializer[Any]):
    """One part; `age_seconds` since what proves its state, null where it was never seen."""

    state = serializers.ChoiceField(["ok", "late", "down", "unknown", "low"])
    age_seconds = serializers.FloatField(allow_null=True)
    detail = serializers.CharField(allow_blank=True)


class StatusResponse(serializers.Serializer[Any]):
    """All parts together."""

    service = serializers.CharField()
    status = serializers.ChoiceField(["operational", "degraded"])
    version = serializers.CharField()
    timestamp = serializers.DateTimeField()
    parts = serializers.DictField(child=HealthPartSerializer(), help_text=", ".join(PARTS))


class StatusView(APIView):
    """Database, channel layer, broker, worker, scheduler and disk."""

    permission_classes = [RightPermission]
    see_right = Right.INSPECT

    @extend_schema(
        responses={200: StatusResponse, 401: FaultSerializer, 403: FaultSerializer},
        examples=[EXAMPLE],
        tags=["health"],
    )
    def get(self, request: Request) -> Response:
        """Ask all of them; each answer is at most some seconds old."""
        now = timezone.now()
        found = states(now)
        answer = {
            "service": "EV Central",
            "status": "operational" if all(part.works for part in found.values()) else "degraded",
            "version": settings.VERSION,
            "timestamp": now,
            "parts": {name: asdict(part) for name, part in found.items()},
        }
        return Response(StatusResponse(answer).data)
