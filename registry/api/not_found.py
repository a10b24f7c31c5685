"""Answers in the house form for what no endpoint handles."""

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt


@csrf_exempt
def not_found(request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    """404: there is no such path."""
    return JsonResponse({"code": "not_found", "detail": _("No such path.")}, status=404)


def server_error(request: HttpRequest) -> JsonResponse:
    """500: something broke; the log knows what."""
    return JsonResponse({"code": "error", "detail": _("Internal error.")}, status=500)
