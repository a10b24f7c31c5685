"""`/docs`, `/redoc` and `/openapi.json` of Central, without a request to any other host."""

from functools import cache
from typing import Any

from django.urls import path
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularRedocView, SpectacularSwaggerSplitView

from registry.api.docs import DocsPermission
from registry.api.paths import both

NAME = "central-schema"


def without_other_protocols(endpoints: list[Any]) -> list[Any]:
    """OCPI is described by its own specification."""
    return [endpoint for endpoint in endpoints if not endpoint[0].startswith("/ocpi/")]


class CentralGenerator(SchemaGenerator):
    """The schema of all of Central, the same for everybody: made once, since it takes seconds."""

    def get_schema(self, request: Any = None, public: bool = False) -> Any:
        """The schema as OpenAPI 3."""
        return whole_schema()

    def make(self) -> Any:
        """Walk all views."""
        return super().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]


@cache
def whole_schema() -> Any:
    """The schema, made at its first use in a process."""
    return CentralGenerator(urlconf="emobility.urls").make()  # type: ignore[no-untyped-call]


class SchemaView(SpectacularJSONAPIView):
    """The machine-readable description."""

    permission_classes = [DocsPermission]
    generator_class = CentralGenerator
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
