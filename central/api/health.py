"""`GET /api/health`: whether Central works."""

from typing import Any

from django.conf import settings
from django.utils.timezone import now
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from registry.api.checks import database_answers


class HealthView(APIView):
    """Public: the service, its state, its version and its clock; 503 while the database does not answer."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    throttle_classes: list[Any] = []

    class OutputSerializer(serializers.Serializer[Any]):
        """Nothing but this."""

        service = serializers.CharField()
        status = serializers.ChoiceField(["operational", "degraded"])
        version = serializers.CharField()
        timestamp = serializers.DateTimeField()

    @extend_schema(responses={200: OutputSerializer, 503: OutputSerializer}, auth=[])
    def get(self, request: Request) -> Response:
        """Ask the database."""
        works = database_answers()
        answer = {
            "service": "EV Central",
            "status": "operational" if works else "degraded",
            "version": settings.VERSION,
            "timestamp": now(),
        }
        return Response(self.OutputSerializer(answer).data, status=200 if works else 503)
