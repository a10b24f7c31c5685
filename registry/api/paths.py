"""Paths that answer with and without a trailing slash, without redirects."""

from typing import Any

from django.urls import URLPattern, path
from rest_framework.views import APIView


def both(route: str, view: type[APIView], **options: Any) -> list[URLPattern]:
    """`route` and `route/`; the description of the interface names the first one only."""
    plain = path(route, view.as_view(**options))
    return [plain, path(f"{route}/", view.as_view(schema=None, **options))]
