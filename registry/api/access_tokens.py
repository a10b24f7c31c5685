"""`POST /api/token` and `/api/token/refresh`: access tokens for people and their programs."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView
from rest_framework_simplejwt.exceptions import AuthenticationFailed, TokenError
from rest_framework_simplejwt.tokens import RefreshToken, UntypedToken

from emobility.lib.errors import Unauthenticated
from registry.api.base import FaultSerializer
from registry.api.callers import request_address
from registry.api.people import VERSION, PersonAuthentication
from registry.models import User
from registry.services.audit import audit_record
from registry.services.revocations import token_revoke, user_tokens_end
from registry.services.throttle import failures_limited

PLATFORM = "platform"


class AddressThrottle(ScopedRateThrottle):
    """So many calls from an address, the real one behind trusted proxies."""

    def get_ident(self, request: Request) -> str:
        """Where the caller is."""
        return request_address(request)


class LoginRequest(serializers.Serializer[Any]):
    """A person's name and password."""

    username = serializers.CharField(max_length=150)
    password = serializers.CharField(
        max_length=256, trim_whitespace=False, write_only=True, style={"input_type": "password"}
    )


class RefreshRequest(serializers.Serializer[Any]):
    """A refresh token."""

    refresh = serializers.CharField(max_length=4096)


class AccessResponse(serializers.Serializer[Any]):
    """An access token for `Authorization: Bearer`, and its life in seconds."""

    access = serializers.CharField()
    token_type = serializers.CharField()
    expires_in = serializers.IntegerField()


class LoginResponse(AccessResponse):
    """With a refresh token, good for a day."""

    refresh = serializers.CharField()


class TokenView(APIView):
    """What both endpoints share: nobody is logged in yet, answers are not kept."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    throttle_classes = [AddressThrottle]
    throttle_scope = "token"

    def get_authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return "Bearer"

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """Add what every answer carries."""
        answer: Response = super().finalize_response(request, response, *args, **kwargs)
        answer["Cache-Control"] = "no-store"
        return answer


class ObtainView(TokenView):
    """Name and password for tokens."""

    @extend_schema(
        request=LoginRequest,
        responses={200: LoginResponse, 400: FaultSerializer, 401: FaultSerializer, 429: FaultSerializer},
        auth=[],
        tags=["token"],
    )
    def post(self, request: Request) -> Response:
        """Log in; wrong names and passwords are told alike and counted."""
        form = LoginRequest(data=request.data)
        form.is_valid(raise_exception=True)
        name, address = form.validated_data["username"], request_address(request)
        with failures_limited(address=address, cp_id=f"login {name}"):
            user = authenticate(request, username=name, password=form.validated_data["password"])
            if not isinstance(user, User):
                raise Unauthenticated(_("Wrong name or password."))
        refresh = RefreshToken.for_user(user)
        refresh[VERSION] = user.token_version
        audit_record(
            actor=user,
            action="user.token_issued",
            organization_id=user.organization_id,
            object_type="user",
            object_id=str(user.pk),
            remote_address=address,
            now=timezone.now(),
        )
        return Response(access_for(user, refresh) | {"refresh": str(refresh)})


class RefreshView(TokenView):
    """A refresh token for another access token."""

    @extend_schema(
        request=RefreshRequest,
        responses={200: AccessResponse, 400: FaultSerializer, 401: FaultSerializer, 429: FaultSerializer},
        auth=[],
        tags=["token"],
    )
    def post(self, request: Request) -> Response:
        """401 for a person who was disabled, removed, or has another password since."""
        form = RefreshRequest(data=request.data)
        form.is_valid(raise_exception=True)
        try:
            refresh = RefreshToken(form.validated_data["refresh"])
        except TokenError as error:
            raise Unauthenticated(_("The token is not valid any more.")) from error
        user: Any = PersonAuthentication().get_user(refresh)
        return Response(access_for(user, refresh))


class RevokeRequest(serializers.Serializer[Any]):
    """An access or refresh token; `everywhere` ends all tokens of its person."""

    token = serializers.CharField(max_length=4096)
    everywhere = serializers.BooleanField(default=False)


class RevokeView(TokenView):
    """Log out: who shows a token may end it."""

    @extend_schema(
        request=RevokeRequest,
        responses={204: None, 400: FaultSerializer, 429: FaultSerializer},
        auth=[],
        tags=["token"],
    )
    def post(self, request: Request) -> Response:
        """End the token in all processes at once; one that is no (good) token any more is answered alike."""
        form = RevokeRequest(data=request.data)
        form.is_valid(raise_exception=True)
        with suppress(TokenError, AuthenticationFailed):
            token: Any = UntypedToken(form.validated_data["token"])
            user = PersonAuthentication().get_user(token)
            moment = timezone.now()
            token_revoke(jti=token["jti"], expires_at=datetime.fromtimestamp(token["exp"], UTC), now=moment)
            if form.validated_data["everywhere"]:
                user_tokens_end(user=user, now=moment)
        return Response(status=204)


def access_for(user: User, refresh: RefreshToken) -> dict[str, Any]:
    """An access token with the roles that the person has now."""
    access = refresh.access_token
    access["roles"] = [PLATFORM] if user.sees_all else [str(user.role)]
    return {
        "access": str(access),
        "token_type": "bearer",
        "expires_in": settings.ACCESS_TOKEN_EXPIRE_MINUTES * 60,
    }
