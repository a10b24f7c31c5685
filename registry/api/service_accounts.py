"""REST: service accounts and their keys; secrets stand in the answer that made them and nowhere else."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from emobility.lib.api import ScopedViewSet
from emobility.lib.errors import NotFound
from registry.api.base import FaultSerializer
from registry.api.callers import request_address
from registry.api.organizations import owner_of
from registry.api.rights import RightPermission
from registry.models import ServiceAccount, ServiceKey
from registry.models.service_account import KeyKind
from registry.models.user import Role
from registry.rights import Right
from registry.services.service_accounts import (
    ServiceAccountValues,
    service_account_change,
    service_account_create,
    service_account_switch,
)
from registry.services.service_keys import service_key_issue, service_key_revoke, service_key_rotate
from registry.services.service_tokens import service_token_issue

FAULTS = {400: FaultSerializer, 403: FaultSerializer, 404: FaultSerializer, 409: FaultSerializer}
SCOPES = [right.value for right in Right if right is not Right.PLATFORM]


class KeySerializer(serializers.ModelSerializer[ServiceKey]):
    """A key without its secret."""

    class Meta:
        model = ServiceKey
        fields = ("key_id", "kind", "label", "created_at", "expires_at", "revoked_at", "last_used_at")


class NewKeySerializer(KeySerializer):
    """With its secret, this one time."""

    secret = serializers.CharField()

    class Meta(KeySerializer.Meta):
        fields = (*KeySerializer.Meta.fields, "secret")  # type: ignore[assignment]  # one more


class AccountSerializer(serializers.ModelSerializer[ServiceAccount]):
    """A service account and its keys."""

    keys = KeySerializer(many=True)
    organization = serializers.CharField(source="organization.slug")

    class Meta:
        model = ServiceAccount
        fields = ("uid", "name", "organization", "role", "scopes", "is_active", "last_used_at", "keys")


class AccountChange(serializers.Serializer[Any]):
    """What can be changed."""

    role = serializers.ChoiceField(choices=Role.choices, required=False)
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=SCOPES), required=False)
    is_active = serializers.BooleanField(required=False)


class AccountRequest(AccountChange):
    """A new account; only the platform's administrators say for which `organization` (its short name)."""

    name = serializers.CharField(max_length=60)
    organization = serializers.CharField(max_length=50, required=False)


class KeyRequest(serializers.Serializer[Any]):
    """A new key; without `days` it is good until it is revoked."""

    kind = serializers.ChoiceField(choices=KeyKind.choices, default=KeyKind.BEARER)
    label = serializers.CharField(max_length=60, required=False, default="", allow_blank=True)  # type: ignore[assignment]  # a field of ours
    days = serializers.IntegerField(min_value=1, max_value=3650, required=False)


class RotateRequest(serializers.Serializer[Any]):
    """For how long the old key stays good."""

    hours = serializers.IntegerField(min_value=0, max_value=24 * 30, default=24)


class TokenRequest(serializers.Serializer[Any]):
    """For how long the token is good."""

    hours = serializers.IntegerField(min_value=1, max_value=168, default=24)


class TokenResponse(serializers.Serializer[Any]):
    """An access token for `Authorization: Bearer`."""

    access = serializers.CharField()
    token_type = serializers.CharField()
    expires_at = serializers.DateTimeField()


@extend_schema(tags=["service accounts"])
class ServiceAccountViewSet(ScopedViewSet):
    """Machine clients of your organisation."""

    queryset = ServiceAccount.objects.select_related("organization").prefetch_related("keys").order_by("-id")
    serializer_class = AccountSerializer
    permission_classes = [RightPermission]
    lookup_field = "uid"
    lookup_value_regex = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

    @extend_schema(
        request=AccountRequest,
        responses={201: AccountSerializer} | FAULTS,
        examples=[
            OpenApiExample(
                "a CMS that orders and listens",
                {"name": "CMS", "role": "service", "scopes": ["see", "integrate", "operate"]},
                request_only=True,
            )
        ],
    )
    def create(self, request: Request) -> Response:
        """Make a service account; give it a key next."""
        asked = _read(AccountRequest, request)
        account = service_account_create(
            organization=owner_of(request, asked.get("organization")),
            values=ServiceAccountValues(
                asked["name"], asked.get("role", Role.SERVICE), asked.get("scopes", [])
            ),
            **_who(request),
        )
        return Response(AccountSerializer(account).data, status=201)

    @extend_schema(request=AccountChange, responses={200: AccountSerializer} | FAULTS)
    def partial_update(self, request: Request, uid: str = "") -> Response:
        """Change role or scopes; end it with all keys and tokens (`is_active`), or let it in again."""
        account, asked = self.get_object(), _read(AccountChange, request)
        if "role" in asked or "scopes" in asked:
            values = ServiceAccountValues(
                account.name, asked.get("role", account.role), asked.get("scopes", account.scopes)
            )
            service_account_change(account=account, values=values, **_who(request))
        if "is_active" in asked:
            service_account_switch(account=account, active=asked["is_active"], **_who(request))
        return Response(AccountSerializer(self.get_object()).data)

    @extend_schema(request=KeyRequest, responses={201: NewKeySerializer} | FAULTS)
    @action(detail=True, methods=["post"])
    def keys(self, request: Request, uid: str = "") -> Response:
        """Make a key. The answer holds its secret, which is never shown again."""
        asked = _read(KeyRequest, request)
        key, secret = service_key_issue(
            account=self.get_object(),
            kind=asked["kind"],
            label=asked["label"],
            lifetime=timedelta(days=asked["days"]) if "days" in asked else None,
            **_who(request),
        )
        return _shown_once(key, secret)

    @extend_schema(request=RotateRequest, responses={201: NewKeySerializer} | FAULTS)
    @action(detail=True, methods=["post"], url_path="keys/(?P<key_id>[0-9a-f]+)/rotate")
    def rotate(self, request: Request, uid: str = "", key_id: str = "") -> Response:
        """Make another key like this one, which ends after `hours`."""
        asked = _read(RotateRequest, request)
        key, secret = service_key_rotate(
            key=self._key(key_id), overlap=timedelta(hours=asked["hours"]), **_who(request)
        )
        return _shown_once(key, secret)

    @extend_schema(request=None, responses={204: None} | FAULTS)
    @action(detail=True, methods=["post"], url_path="keys/(?P<key_id>[0-9a-f]+)/revoke")
    def revoke(self, request: Request, uid: str = "", key_id: str = "") -> Response:
        """End the key at once."""
        service_key_revoke(key=self._key(key_id), **_who(request))
        return Response(status=204)

    @extend_schema(request=TokenRequest, responses={201: TokenResponse} | FAULTS)
    @action(detail=True, methods=["post"])
    def token(self, request: Request, uid: str = "") -> Response:
        """Make an access token (JWT with the account's role) for clients that cannot send a key."""
        life = timedelta(hours=_read(TokenRequest, request)["hours"])
        token, ends = service_token_issue(account=self.get_object(), lifetime=life, **_who(request))
        body = TokenResponse({"access": token, "token_type": "bearer", "expires_at": ends}).data
        return Response(body, status=201, headers={"Cache-Control": "no-store"})

    def _key(self, key_id: str) -> ServiceKey:
        key: ServiceKey | None = self.get_object().keys.filter(key_id=key_id).first()
        if key is None:
            raise NotFound(_("There is no such key."))
        return key


def _read(form: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    filled = form(data=request.data)
    filled.is_valid(raise_exception=True)
    values: dict[str, Any] = filled.validated_data
    return values


def _who(request: Request) -> dict[str, Any]:
    return {"actor": request.user, "address": request_address(request), "now": timezone.now()}


def _shown_once(key: ServiceKey, secret: str) -> Response:
    body = KeySerializer(key).data | {"secret": secret}
    return Response(body, status=201, headers={"Cache-Control": "no-store"})
