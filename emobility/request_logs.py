"""Names each request in the log lines that are written while it is served."""

import structlog
from django.http import HttpRequest
from django_structlog.middlewares import RequestMiddleware

from registry.api.callers import request_address


class RequestLogMiddleware(RequestMiddleware):
    """The library's, with the caller's address as everything else here understands it.

    The library believes the first name in X-Forwarded-For, which a caller may have written, and takes longer
    for it than a view for its answer.
    """

    @classmethod
    def bind_ip(cls, request: HttpRequest) -> None:
        """The caller's address."""
        structlog.contextvars.bind_contextvars(ip=request_address(request))
