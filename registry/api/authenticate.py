"""`POST /cp/authenticate`: a fresh token for who knows the secret."""

from typing import Any

from django.utils.timezone import now
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.base import SECONDS, FaultSerializer, MachineText, RegistryView
from registry.api.callers import request_address, request_certificate
from registry.services.authentication import charge_point_authenticate
from registry.services.tokens import charge_point_token_issue


class AuthenticateRequest(serializers.Serializer[Any]):
    """Id and secret."""

    cp_id = MachineText(max_length=256)
    credentials = MachineText(max_length=256)


class AuthenticateResponse(serializers.Serializer[Any]):
    """The token and its end."""

    cp_id = serializers.CharField()
    token = serializers.CharField()
    token_expires_at = serializers.DateTimeField(format=SECONDS)


class AuthenticateView(RegistryView):
    """Login of charge points: public, limited by failures."""

    authentication_classes = []

    @extend_schema(
        request=AuthenticateRequest,
        responses={
            200: AuthenticateResponse,
            400: FaultSerializer,
            401: FaultSerializer,
            429: FaultSerializer,
        },
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Give a token; one answer for an unknown id, a wrong secret and a deregistered charge point."""
        form = AuthenticateRequest(data=request.data)
        form.is_valid(raise_exception=True)
        moment = now()
        charge_point = charge_point_authenticate(
            cp_id=form.validated_data["cp_id"],
            secret=form.validated_data["credentials"],
            address=request_address(request),
            certificate_fingerprint=request_certificate(request),
            now=moment,
        )
        token, expires_at = charge_point_token_issue(charge_point, moment)
        answer = {"cp_id": charge_point.cp_id, "token": token, "token_expires_at": expires_at}
        return Response(AuthenticateResponse(answer).data)
