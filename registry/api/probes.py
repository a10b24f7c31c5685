"""`/healthz`, `/readyz`: for whoever starts, stops and balances processes. Public; they tell nothing else."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from registry.api.checks import database_answers, database_is_migrated


class ProbeResponse(serializers.Serializer[Any]):
    """One word."""

    status = serializers.CharField()


class Probe(APIView):
    """What both share."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    throttle_classes: list[Any] = []
    renderer_classes = [JSONRenderer]


class AliveView(Probe):
    """Alive: the process answers. It asks nobody else, so nothing else gets it restarted."""

    @extend_schema(responses={200: ProbeResponse}, auth=[], tags=["health"])
    def get(self, request: Request) -> Response:
        """200."""
        return Response({"status": "alive"})


class ReadyView(Probe):
    """Ready: the database answers and has this version's tables.

    Channel layer, broker and worker do not count: without them charge points are served all the same.
    """

    @extend_schema(responses={200: ProbeResponse, 503: ProbeResponse}, auth=[], tags=["health"])
    def get(self, request: Request) -> Response:
        """200, or 503 with what is missing."""
        if not database_answers():
            return Response({"status": "no database"}, status=503)
        if not database_is_migrated():
            return Response({"status": "not migrated"}, status=503)
        return Response({"status": "ready"})
