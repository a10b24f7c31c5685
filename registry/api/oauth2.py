"""OAuth2 client credentials (OAUTH2_ENABLED): an application acts as the service account it belongs to.

Only imported where it is switched on: the library's tables exist only then.
"""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.decorators import method_decorator
from django.utils.timezone import now
from django.views.decorators.csrf import csrf_exempt
from oauth2_provider.contrib.rest_framework import OAuth2Authentication
from oauth2_provider.views import RevokeTokenView, TokenView
from rest_framework.request import Request

from emobility.lib.errors import TooMany, Unauthenticated
from registry.api.callers import request_address
from registry.models import ServiceAccount
from registry.services.service_keys import USE_NOTED_EACH
from registry.services.throttle import failures_limited


class UnboundApplication(Unauthenticated):
    """The token is good, but its application belongs to no active service account."""

    def __init__(self) -> None:
        super().__init__("Invalid token.")


class ApplicationAuthentication(OAuth2Authentication):  # type: ignore[misc]  # the library has no types
    """`Authorization: Bearer <OAuth2 access token>`; other Bearers are left to the other classes."""

    def authenticate(self, request: Request) -> tuple[ServiceAccount, Any] | None:
        """The service account of the token's application; raises UnboundApplication."""
        found = super().authenticate(request)
        if found is None:
            return None
        token = found[1]
        rows = ServiceAccount.objects.select_related("organization").filter(is_active=True)
        account: ServiceAccount | None = rows.filter(pk=token.application.user_id).first()
        if account is None:
            raise UnboundApplication
        _note_use(account, now())
        return account, token


@method_decorator(csrf_exempt, name="dispatch")
class LimitedTokenView(TokenView):  # type: ignore[misc]  # the library has no types
    """The token endpoint, with the same limit on wrong secrets as every other log-in."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Give a token; 429 where this address failed too often."""
        name = f"oauth2 {request.POST.get('client_id', '')[:40]}"
        answer: HttpResponse | None = None
        try:
            with failures_limited(address=request_address(request), cp_id=name):
                answer = super().post(request, *args, **kwargs)
                if answer is not None and answer.status_code == 401:
                    raise UnboundApplication
        except TooMany as error:
            return HttpResponse(status=429, headers={"Retry-After": str(error.retry_after)})
        except Unauthenticated:
            pass
        return answer or HttpResponse(status=401)


def _note_use(account: ServiceAccount, moment: datetime) -> None:
    if account.last_used_at is None or moment - account.last_used_at >= USE_NOTED_EACH:
        ServiceAccount.objects.filter(pk=account.pk).update(last_used_at=moment)


urlpatterns = [
    path("token/", LimitedTokenView.as_view(), name="oauth2-token"),
    path("revoke/", RevokeTokenView.as_view(), name="oauth2-revoke"),
]
