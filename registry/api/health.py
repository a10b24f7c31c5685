"""`GET /` and `GET /health`: whether the Registry works."""

from typing import Any

from django.conf import settings
from django.utils.timezone import now
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.base import SECONDS, RegistryView
from registry.api.checks import database_answers


class HealthResponse(serializers.Serializer[Any]):
    """Public: nothing but this."""

    service = serializers.CharField()
    status = serializers.ChoiceField(["operational", "degraded"])
    version = serializers.CharField()
    timestamp = serializers.DateTimeField(format=SECONDS)


class HealthView(RegistryView):
    """Health: 200, or 503 while the database does not answer."""

    authentication_classes = []

    @extend_schema(responses={200: HealthResponse, 503: HealthResponse}, auth=[])
    def get(self, request: Request) -> Response:
        """Ask the database."""
        works = database_answers()
        answer = {
            "service": "EV Registry",
            "status": "operational" if works else "degraded",
            "version": settings.VERSION,
            "timestamp": now(),
        }
        return Response(HealthResponse(answer).data, status=200 if works else 503)
