"""`/metrics` and `/api/metrics`: Prometheus' text format, for who shows a token or is at a named address."""

from collections.abc import Sequence
from functools import lru_cache
from hmac import compare_digest
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from emobility.lib.errors import Unauthenticated
from emobility.lib.metrics import CONTENT_TYPE, exposition
from registry.api.base import FaultSerializer
from registry.api.callers import bearer_token, request_address
from registry.services.addresses import is_address, is_loopback_address


class MetricsPermission(BasePermission):
    """METRICS_TOKEN, or an address of METRICS_ALLOW; in development anybody on this machine."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """True for a reader. Raises Unauthenticated."""
        shown, wanted = bearer_token(request), settings.METRICS_TOKEN
        if wanted and compare_digest(shown.encode(), wanted.encode()):
            return True
        if may_read_from(request_address(request)):
            return True
        raise Unauthenticated("A token is needed.")


def may_read_from(address: str) -> bool:
    """True for an address that needs no token."""
    if settings.DEVELOPMENT and is_loopback_address(address):
        return True
    if not is_address(address):
        return False
    networks = _networks(tuple(settings.METRICS_ALLOW))
    return any(ip_address(address) in network for network in networks)


@lru_cache(maxsize=8)
def _networks(entries: Sequence[str]) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        return tuple(ip_network(entry, strict=False) for entry in entries)
    except ValueError as error:
        raise ImproperlyConfigured(f"METRICS_ALLOW: {error}") from error


class MetricsView(APIView):
    """Counters of all processes of this machine, and facts of the database at most some seconds old."""

    authentication_classes: list[Any] = []
    permission_classes = [MetricsPermission]
    throttle_classes: list[Any] = []

    @extend_schema(
        responses={
            (200, "text/plain"): OpenApiResponse(OpenApiTypes.STR, "Prometheus' text format."),
            401: FaultSerializer,
        },
        auth=["metricsToken"],
        tags=["health"],
    )
    def get(self, request: Request) -> HttpResponse:
        """All metrics."""
        return HttpResponse(exposition(), content_type=CONTENT_TYPE, headers={"Cache-Control": "no-store"})
