"""`GET /api/ocpi/health`: the parts of OCPI with their state."""

from dataclasses import asdict
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ocpi.services.health import OK, ocpi_health
from registry.api.base import FaultSerializer
from registry.api.organizations import owner_of
from registry.api.rights import RightPermission
from registry.rights import Right


class OcpiPartSerializer(serializers.Serializer[Any]):
    """One part."""

    state = serializers.ChoiceField(["ok", "degraded", "down"])
    detail = serializers.CharField(allow_blank=True)


class OcpiHealthSerializer(serializers.Serializer[Any]):
    """All parts: database, endpoints, token_validation, partners."""

    status = serializers.ChoiceField(["operational", "degraded"])
    timestamp = serializers.DateTimeField()
    parts = serializers.DictField(child=OcpiPartSerializer())


class OcpiHealthView(APIView):
    """Database, endpoints, the time that the check of a token takes, partners in trouble."""

    permission_classes = [RightPermission]
    see_right = Right.INSPECT

    @extend_schema(
        parameters=[OpenApiParameter("organization", str, description="short name; else your own")],
        responses={200: OcpiHealthSerializer, 401: FaultSerializer, 403: FaultSerializer},
        tags=["health"],
    )
    def get(self, request: Request) -> Response:
        """Ask all of them."""
        now = timezone.now()
        parts = ocpi_health(owner_of(request, request.query_params.get("organization")), now)
        works = all(part.state == OK for part in parts.values())
        answer = {
            "status": "operational" if works else "degraded",
            "timestamp": now,
            "parts": {name: asdict(part) for name, part in parts.items()},
        }
        return Response(OcpiHealthSerializer(answer).data)
