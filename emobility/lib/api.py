"""What every REST resource shares: errors in one form, sets scoped to the caller."""

from typing import Any, Final

import structlog
from django.core.exceptions import PermissionDenied
from django.db import DataError
from django.db.models import QuerySet
from django.http import Http404
from rest_framework import exceptions, viewsets
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import exception_handler as drf_exception_handler

from emobility.lib.errors import DomainError, Invalid, TooMany, Unauthenticated

log = structlog.get_logger(__name__)

UNKEEPABLE: Final = (DataError, UnicodeEncodeError)
"""What is no text for a database, wherever a caller put it: a character 0, half of a character."""


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """One form for all refusals: `{"code", "detail", "fields"?}` with the status of the error's kind."""
    error = _told(error)
    if isinstance(error, DomainError):
        body: dict[str, Any] = {"code": error.code, "detail": error.message}
        if error.fields:
            body["fields"] = error.fields
        return Response(body, status=error.status, headers=_headers(error))
    response = drf_exception_handler(error, context)
    if response is not None and isinstance(error, exceptions.ValidationError):
        response.data = {"code": "invalid", "detail": "Some values are wrong.", "fields": error.detail}
    elif response is not None and isinstance(error, exceptions.APIException):
        response.data = {"code": str(error.default_code), "detail": _text(error.detail)}
    return response


def _told(error: Exception) -> Exception:
    """The refusals of Django and of the database as those of REST."""
    if isinstance(error, UNKEEPABLE):
        log.warning("rest.unkeepable", error=repr(error)[:200])
        return Invalid("A value holds what cannot be kept, such as the character 0.")
    if isinstance(error, Http404):
        return exceptions.NotFound()
    return exceptions.PermissionDenied() if isinstance(error, PermissionDenied) else error


def _headers(error: DomainError) -> dict[str, str]:
    if isinstance(error, TooMany):
        return {"Retry-After": str(error.retry_after)}
    return {"WWW-Authenticate": "Bearer"} if isinstance(error, Unauthenticated) else {}


def _text(detail: Any) -> str:
    """The sentence of a refusal; some libraries wrap it."""
    return str(detail.get("detail", detail) if isinstance(detail, dict) else detail)


class Nobody(BasePermission):
    """What a resource has that does not say who may use it."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Never."""
        return False


class ScopedViewSet(viewsets.ReadOnlyModelViewSet):  # type: ignore[type-arg]
    """A read-only resource whose rows are those visible to the caller; nobody's until it says whose."""

    permission_classes: Any = [Nobody]
    see_right: Any = None
    write_right: Any = None

    def get_queryset(self) -> QuerySet[Any]:
        """The visible rows of the view's `queryset`."""
        queryset: Any = super().get_queryset()
        visible: QuerySet[Any] = queryset.visible_to(self.request.user)
        return visible
