"""Bearer tokens of charge points at the Registry; people's tokens and sessions are left to the others."""

from django.utils.timezone import now
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from registry.api.callers import bearer_token
from registry.permissions import ChargePointActor
from registry.services.tokens import Claims, charge_point_of, claims_to_be_ours, registry_token_verify


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
