"""Bearer tokens of charge points at the Registry; people's tokens and sessions are left to the others."""

from typing import Any

from django.utils.timezone import now
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from registry.permissions import ChargePointActor
from registry.services.tokens import Claims, charge_point_of, claims_to_be_ours, registry_token_verify


def bearer_token(request: Request) -> str:
    """What stands behind `Authorization: Bearer`; empty where there is none."""
    scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


class ChargePointAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token of a charge point>`; a token that says it is a person's is passed on."""

    def authenticate(self, request: Request) -> tuple[ChargePointActor, Claims] | None:
        """The charge point and its claims; raises InvalidToken, Deregistered."""
        token = bearer_token(request)
        if not token or not claims_to_be_ours(token):
            return None
        claims = registry_token_verify(token, now())
        return ChargePointActor(charge_point_of(claims)), claims

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return "Bearer"


class ChargePointScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema describes it."""

    target_class = "registry.api.authentication.ChargePointAuthentication"
    name = "chargePointToken"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """A bearer JWT."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
