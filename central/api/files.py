"""The addresses of files for charge points: logs are brought, firmware is fetched; the token is the key."""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from central.services.firmware_images import firmware_link_find
from central.services.log_uploads import log_upload_find, log_upload_keep
from emobility.lib.errors import DomainError, Invalid
from emobility.lib.file_answers import file_answer
from registry.api.callers import request_address

NO_STORE = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


@method_decorator(csrf_exempt, name="dispatch")
class TokenView(View):
    """A view without a login; refusals are JSON."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Translate what services refuse."""
        try:
            return super().dispatch(request, *args, **kwargs)
        except DomainError as error:
            body = {"code": error.code, "detail": error.message}
            return JsonResponse(body, status=error.status, headers=NO_STORE)


class LogFileView(TokenView):
    """PUT or POST of one log: the body is the file, or a form's first file."""

    http_method_names = ["put", "post", "options"]

    def put(self, request: HttpRequest, token: str, name: str = "") -> HttpResponseBase:
        """Keep the file; 201 once it is here as a whole."""
        now = timezone.now()
        upload = log_upload_find(token=token, now=now)
        source, named = _source(request)
        kept = log_upload_keep(
            upload=upload,
            source=source,
            name=named or name,
            remote_address=request_address(request),
            now=now,
        )
        return JsonResponse({"size": kept.size, "sha256": kept.sha256}, status=201, headers=NO_STORE)

    post = put


class FirmwareFileView(TokenView):
    """GET of an image, whole or in ranges."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, token: str, name: str = "") -> HttpResponseBase:
        """Send it; an interrupted download goes on where it ended."""
        image = firmware_link_find(token=token, now=timezone.now())
        return file_answer(
            image.file, name=image.name, request=request, etag=image.sha256, modified_at=image.created_at
        )

    head = get


def _source(request: HttpRequest) -> tuple[Any, str]:
    """The file and its name: of a form the first one. Raises Invalid for a form without one."""
    if not (request.content_type or "").startswith("multipart/"):
        return request, ""
    if request.method != "POST":
        request.method = "POST"
        # Django takes forms apart for POST alone.
    files = list(request.FILES.values())
    if not files:
        raise Invalid("The form holds no file.", {"file": "missing"})
    return files[0], str(getattr(files[0], "name", "") or "")
