"""`GET /api/internal/whoami`: lets a machine client try out its key or signature, and see what it may."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.base import FaultSerializer
from registry.api.internal import InternalView


class WhoamiResponse(serializers.Serializer[Any]):
    """The service account as it is now."""

    name = serializers.CharField()
    organization = serializers.CharField(source="organization.slug")
    role = serializers.CharField()
    scopes = serializers.ListField(child=serializers.CharField())


class WhoamiView(InternalView):
    """Who the caller is."""

    @extend_schema(
        responses={200: WhoamiResponse, 401: FaultSerializer, 403: FaultSerializer, 429: FaultSerializer},
        tags=["internal"],
    )
    def get(self, request: Request) -> Response:
        """Name, organisation, role and scopes of the service account."""
        return Response(WhoamiResponse(request.user).data)
