"""Which face of the platform answers: Registry or Central, by port or host name of the request."""

from collections.abc import Awaitable, Callable
from functools import lru_cache

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.http.response import HttpResponseBase

REGISTRY, CENTRAL = "registry", "central"
URLCONFS = {REGISTRY: "emobility.urls_registry", CENTRAL: "emobility.urls"}


@lru_cache(maxsize=8)
def parse_table(entries: tuple[str, ...]) -> dict[str, str]:
    """`8080=registry` or `registry.example.org=registry` entries; raises ImproperlyConfigured."""
    table = {}
    for entry in entries:
        key, _, face = entry.partition("=")
        if face.strip() not in URLCONFS or not key.strip():
            raise ImproperlyConfigured(f"FACE_TABLE: {entry!r} is not <port or host>=registry|central.")
        table[key.strip().lower()] = face.strip()
    return table


def face_of(host: str, server_port: int | str | None) -> str:
    """The face for a Host header and the port of the socket: FACE, then host, then port, then Central.

    The host's port counts before the socket's: behind a proxy only the former tells where the caller knocked.
    """
    if settings.FACE:
        return str(settings.FACE)
    table = parse_table(tuple(settings.FACE_TABLE))
    name, port = _split(host.lower())
    for key in (host.lower(), name, port, str(server_port or "")):
        if key and key in table:
            return table[key]
    return CENTRAL


def _split(host: str) -> tuple[str, str]:
    if host.endswith("]") or ":" not in host:
        return host, ""
    name, _, port = host.rpartition(":")
    return name, port


class FaceMiddleware:
    """Chooses the URL table of a request by its face; `request.face` tells which."""

    sync_capable = True
    async_capable = True

    def __init__(
        self, get_response: Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]
    ) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        face = face_of(request.META.get("HTTP_HOST", ""), request.META.get("SERVER_PORT"))
        request.face = face  # type: ignore[attr-defined]
        request.urlconf = URLCONFS[face]
        return self.get_response(request)
