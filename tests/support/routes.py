"""All addresses of a URL table, as raw text: what a test can walk and hold rules against."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

from django.urls import URLPattern, URLResolver


def routes(module: str) -> list[str]:
    """Every address below the URL table `module`, its parts joined as they are written."""
    return sorted(set(_walk(import_module(module).urlpatterns, "")))


def _walk(patterns: list[Any], before: str) -> Iterator[str]:
    for pattern in patterns:
        here = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, here)
        elif isinstance(pattern, URLPattern):
            yield here
