"""`/docs` and `/openapi.json` of the Registry, without a request to any other host."""

from typing import Any

from django.conf import settings
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from registry.api import schemes

TITLE = "EV Registry"
DESCRIPTION = "Registration and authentication of charge points."
SCHEMES = schemes
"""Being imported, it tells the generator of the schema how callers say who they are."""


class DocsPermission(BasePermission):
    """Everybody where DOCS_PUBLIC is on, else who is logged in."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """True where the caller may read how the interface works."""
        return bool(settings.DOCS_PUBLIC) or bool(request.user and request.user.is_authenticated)


class RegistryGenerator(SchemaGenerator):
    """The schema with the Registry's own title."""

    def get_schema(self, request: Any = None, public: bool = False) -> Any:
        """The schema as OpenAPI 3."""
        schema = super().get_schema(request=request, public=public)  # type: ignore[no-untyped-call]
        schema["info"] |= {"title": TITLE, "description": DESCRIPTION}
        return schema


class SchemaView(SpectacularJSONAPIView):
    """The machine-readable description."""

    permission_classes = [DocsPermission]
    generator_class = RegistryGenerator
    urlconf = "emobility.urls_registry"


class SwaggerView(SpectacularSwaggerSplitView):
    """The page on which every endpoint can be tried."""

    permission_classes = [DocsPermission]
    http_method_names = ["get", "head"]  # OPTIONS would ask this page for a template that it does not have
    url_name = "registry-schema"
    title = TITLE
