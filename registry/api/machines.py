"""How machine clients say who they are: API key, access token, or a signature over the request.

Each class speaks only of what is its own and passes everything else on; the actor is a ServiceAccount.
"""

from django.utils.timezone import now
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from registry.api.callers import bearer_token, request_address
from registry.models import ServiceAccount
from registry.services.service_keys import is_api_key, service_account_by_key
from registry.services.service_tokens import is_service_token, service_account_by_token
from registry.services.signed_requests import SignedRequest, service_account_by_signature

Known = tuple[ServiceAccount, None]


class MachineAuthentication(BaseAuthentication):
    """What the three share: the 401 of each asks for a Bearer."""

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return "Bearer"


class ApiKeyAuthentication(MachineAuthentication):
    """`Authorization: Bearer <API key>` or `X-API-Key: <API key>`."""

    def authenticate(self, request: Request) -> Known | None:
        """The account of the key; raises InvalidKey, TooMany."""
        shown = request.META.get("HTTP_X_API_KEY", "").strip()
        if not shown:
            shown = bearer_token(request)
            if not is_api_key(shown):
                return None
        return service_account_by_key(secret=shown, address=request_address(request), now=now()), None


class ServiceTokenAuthentication(MachineAuthentication):
    """`Authorization: Bearer <access token of a service account>`."""

    def authenticate(self, request: Request) -> Known | None:
        """The account that the token names; raises InvalidToken."""
        token = bearer_token(request)
        if not token or not is_service_token(token):
            return None
        return service_account_by_token(token=token, now=now()), None


class SignatureAuthentication(MachineAuthentication):
    """`X-Key-Id`, `X-Timestamp`, `X-Nonce`, `X-Signature`: HMAC-SHA-256 over the request."""

    def authenticate(self, request: Request) -> Known | None:
        """The account whose key signed it; raises InvalidSignature, TooMany."""
        meta = request.META
        if "HTTP_X_SIGNATURE" not in meta:
            return None
        signed = SignedRequest(
            key_id=meta.get("HTTP_X_KEY_ID", ""),
            method=str(request.method),
            path=request.get_full_path(),
            stamp=meta.get("HTTP_X_TIMESTAMP", ""),
            nonce=meta.get("HTTP_X_NONCE", ""),
            signature=meta["HTTP_X_SIGNATURE"],
            body=request._request.body,  # noqa: SLF001 -- the bytes as they came, before DRF reads them
        )
        account = service_account_by_signature(request=signed, address=request_address(request), now=now())
        return account, None
