"""`/docs`, `/redoc` and `/openapi.json` of Central, without a request to any other host."""

from typing import Any

from django.urls import path
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularRedocView, SpectacularSwaggerSplitView

from registry.api.docs import DocsPermission
from registry.api.paths import both

NAME = "central-schema"


def without_other_protocols(endpoints: list[Any]) -> list[Any]:
    """OCPI is described by its own specification."""
    return [endpoint for endpoint in endpoints if not endpoint[0].startswith("/ocpi/")]


class SchemaView(SpectacularJSONAPIView):
    """The machine-readable description."""

    permission_classes = [DocsPermission]
    urlconf = "emobility.urls"


class SwaggerView(SpectacularSwaggerSplitView):
    """The page on which every endpoint can be tried."""

    permission_classes = [DocsPermission]
    http_method_names = ["get", "head"]
    url_name = NAME


class RedocView(SpectacularRedocView):
    """The same for reading."""

    permission_classes = [DocsPermission]
    http_method_names = ["get", "head"]
    url_name = NAME


urlpatterns = [
    *both("docs", SwaggerView),
    *both("redoc", RedocView),
    path("openapi.json", SchemaView.as_view(schema=None), name=NAME),
]
