"""Who may send a large body: asked from a request's head, before any of its body is taken."""

from collections.abc import Mapping
from importlib import import_module
from io import BytesIO
from typing import Any, Final

from django.conf import settings
from django.contrib.auth import get_user
from django.core.handlers.asgi import ASGIRequest
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.settings import api_settings

from central.services.log_uploads import log_upload_find
from emobility.lib.clock import utc_now
from emobility.lib.errors import DomainError
from registry.rights import Right, may

UPLOADS: Final = "/files/logs/"


def may_send_file(scope: Mapping[str, Any]) -> bool:
    """Whether the head of an HTTP request is that of somebody who may send a file to its path."""
    if scope["path"].startswith(UPLOADS):
        return _is_open(scope["path"].removeprefix(UPLOADS).partition("/")[0])
    request = ASGIRequest(scope, BytesIO())
    return may(_person(request), Right.OPERATE) or may(_bearer(request), Right.OPERATE)


def _is_open(token: str) -> bool:
    try:
        log_upload_find(token=token, now=utc_now())
    except DomainError:
        return False
    return True


def _person(request: Any) -> Any:
    """Whose session the cookie names."""
    cookie = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(cookie)
    return get_user(request)


def _bearer(request: Any) -> Any:
    """Who calls by token or key; nobody where that is refused."""
    request.user = None
    ways: Any = api_settings.DEFAULT_AUTHENTICATION_CLASSES
    try:
        return Request(request, authenticators=[way() for way in ways]).user
    except (APIException, DomainError):
        return None
