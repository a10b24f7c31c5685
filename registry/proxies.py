"""What proxies say of a request is believed from the proxies that the settings name, and from nobody else."""

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse

from registry.services.addresses import is_trusted_proxy

TOLD_BY_PROXIES: Final = (
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_X_SSL_CLIENT_CERT",
    "HTTP_FORWARDED",
)


class ProxyHeadersMiddleware:
    """First of all: drops these headers unless the peer is in TRUSTED_PROXIES.

    Else anybody could say that plain HTTP was TLS (SECURE_PROXY_SSL_HEADER), or who he is.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_trusted_proxy(str(request.META.get("REMOTE_ADDR") or "")):
            for name in TOLD_BY_PROXIES:
                request.META.pop(name, None)
        return self.get_response(request)
