"""REST: bootstrap tokens (OCPI's token A): issued, listed, revoked, cleaned away; figures of them."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django_filters import ChoiceFilter, FilterSet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from emobility.lib.api import ScopedViewSet
from ocpi.core.configuration import ROLES
from ocpi.models import BootstrapToken
from ocpi.models.bootstrap_token import TokenState
from ocpi.selectors.bootstrap_tokens import token_figures
from ocpi.selectors.identity import identity_of
from ocpi.services.bootstrap_tokens import (
    DEFAULT_HOURS,
    LONGEST_HOURS,
    bootstrap_token_issue,
    bootstrap_token_revoke,
    bootstrap_tokens_clean,
)
from ocpi.services.refusals import authentications_failed
from registry.api.base import FaultSerializer
from registry.api.organizations import owner_of
from registry.api.rights import RightPermission

FAULTS: Any = {400: FaultSerializer, 401: FaultSerializer, 403: FaultSerializer}
MISSING: Any = {**FAULTS, 404: FaultSerializer}


class BootstrapTokenSerializer(serializers.ModelSerializer[BootstrapToken]):
    """A token without itself: only its digest is kept."""

    organization = serializers.CharField(source="organization.slug")
    state = serializers.SerializerMethodField()
    party = serializers.CharField(help_text="the only party that may register with it, or empty")
    roles = serializers.ListField(child=serializers.CharField())
    used_by = serializers.CharField(
        allow_null=True, read_only=True, help_text="the partner that registered with it"
    )
    created_by = serializers.CharField(allow_null=True, read_only=True)

    class Meta:
        model = BootstrapToken
        fields = (
            "id",
            "organization",
            "label",
            "state",
            "party",
            "roles",
            "created_at",
            "created_by",
            "expires_at",
            "used_at",
            "used_by",
            "revoked_at",
        )

    def get_state(self, token: BootstrapToken) -> str:
        """good, used, revoked or expired."""
        return token.state_at(timezone.now()).value


class NewBootstrapTokenSerializer(BootstrapTokenSerializer):
    """With the token, this one time, and the address to begin at."""

    token = serializers.CharField()
    versions_url = serializers.URLField()

    class Meta(BootstrapTokenSerializer.Meta):
        fields = (*BootstrapTokenSerializer.Meta.fields, "token", "versions_url")  # type: ignore[assignment]  # two more


class IssueRequest(serializers.Serializer[Any]):
    """For whom, how long; with a party or roles nobody else can register with it."""

    label = serializers.CharField(max_length=100, required=False, default="", allow_blank=True)  # type: ignore[assignment]  # a field of ours
    hours = serializers.IntegerField(min_value=1, max_value=LONGEST_HOURS, default=DEFAULT_HOURS)
    party = serializers.CharField(max_length=6, required=False, default="", allow_blank=True)
    roles = serializers.ListField(child=serializers.ChoiceField(ROLES), required=False, default=list)
    organization = serializers.CharField(max_length=50, required=False)


class CleanRequest(serializers.Serializer[Any]):
    """How long ended tokens are kept; 0 forgets all of them."""

    days = serializers.IntegerField(min_value=0, max_value=3650, default=30)
    organization = serializers.CharField(max_length=50, required=False)


class CleanedSerializer(serializers.Serializer[Any]):
    """How many went."""

    deleted = serializers.IntegerField()


class TokenFiguresSerializer(serializers.Serializer[Any]):
    """Tokens by state; how many of those that ended were used; failed authentications of 24 hours."""

    total = serializers.IntegerField()
    by_state = serializers.DictField(child=serializers.IntegerField())
    issued_in_30_days = serializers.IntegerField()
    used_in_30_days = serializers.IntegerField()
    success_rate = serializers.FloatField(allow_null=True)
    registered_partners = serializers.IntegerField()
    failed_authentications = serializers.IntegerField()


class BootstrapTokenFilter(FilterSet):  # type: ignore[misc]
    """By state."""

    state = ChoiceFilter(choices=TokenState.choices, method="of_state")

    def of_state(self, rows: Any, name: str, value: str) -> Any:
        """Those in one state now."""
        return rows.in_state(value, timezone.now())


@extend_schema(tags=["bootstrap tokens"])
class BootstrapTokenViewSet(ScopedViewSet):
    """Bootstrap tokens of your organisation, newest first."""

    queryset = BootstrapToken.objects.select_related("organization", "used_by", "created_by").order_by("-id")
    serializer_class = BootstrapTokenSerializer
    permission_classes = [RightPermission]
    filterset_class = BootstrapTokenFilter
    lookup_value_regex = "[0-9]{1,18}"

    @extend_schema(
        request=IssueRequest,
        responses={201: NewBootstrapTokenSerializer, **FAULTS},
        examples=[
            OpenApiExample(
                "for one operator",
                {"label": "ABC Charging", "hours": 48, "party": "DE-ABC", "roles": ["CPO"]},
                request_only=True,
            )
        ],
    )
    def create(self, request: Request) -> Response:
        """Issue one. The answer holds the token, which is never shown again."""
        asked = _read(IssueRequest, request)
        user: Any = request.user
        owner = owner_of(request, asked.pop("organization", None))
        versions_url = identity_of(owner).versions_url
        row, token = bootstrap_token_issue(organization=owner, created_by=user, now=timezone.now(), **asked)
        body = BootstrapTokenSerializer(row).data | {"token": token, "versions_url": versions_url}
        return Response(body, status=201, headers={"Cache-Control": "no-store"})

    @extend_schema(request=None, responses={200: BootstrapTokenSerializer, **MISSING, 409: FaultSerializer})
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: str = "") -> Response:
        """End one that nobody used; 409 where somebody did, or it ended already."""
        user: Any = request.user
        bootstrap_token_revoke(token=self.get_object(), revoked_by=user, now=timezone.now())
        return Response(BootstrapTokenSerializer(self.get_object()).data)

    @extend_schema(request=CleanRequest, responses={200: CleanedSerializer, **FAULTS})
    @action(detail=False, methods=["post"], filterset_class=None)
    def cleanup(self, request: Request) -> Response:
        """Forget those that ended unused `days` ago; used ones stay with their partner."""
        asked = _read(CleanRequest, request)
        user: Any = request.user
        count = bootstrap_tokens_clean(
            organization=owner_of(request, asked.get("organization")),
            kept=timedelta(days=asked["days"]),
            actor=user,
            now=timezone.now(),
        )
        return Response({"deleted": count})

    @extend_schema(responses={200: TokenFiguresSerializer, **FAULTS}, filters=False)
    @action(detail=False, filterset_class=None, pagination_class=None)
    def statistics(self, request: Request) -> Response:
        """How many were issued, used, revoked, and how many callers had no good token."""
        now, user = timezone.now(), request.user
        owner: Any = getattr(user, "organization", None)
        if owner is None:
            owner = owner_of(request, request.query_params.get("organization"))
        failed = authentications_failed(organization=owner, now=now)
        return Response(asdict(token_figures(owner, now)) | {"failed_authentications": failed})


def _read(form: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    filled = form(data=request.data)
    filled.is_valid(raise_exception=True)
    values: dict[str, Any] = filled.validated_data
    return values
