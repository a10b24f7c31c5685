"""What the Registry's endpoints share: JSON in and out, the ways to say who calls, no stored answers."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from registry.api.authentication import ChargePointAuthentication
from registry.api.machines import ApiKeyAuthentication, ServiceTokenAuthentication
from registry.api.parsers import StrictJSONParser
from registry.api.people import PersonAuthentication

SECONDS = "%Y-%m-%dT%H:%M:%SZ"


class RegistryView(APIView):
    """An endpoint whose service decides who may; answers are never kept by caches."""

    authentication_classes = [
        ChargePointAuthentication,
        ApiKeyAuthentication,
        ServiceTokenAuthentication,
        PersonAuthentication,
        SessionAuthentication,
    ]
    permission_classes = [AllowAny]
    parser_classes = [StrictJSONParser]
    renderer_classes = [JSONRenderer]
    schema = AutoSchema()  # these few operations name each of their refusals themselves

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """Add what every answer carries."""
        answer: Response = super().finalize_response(request, response, *args, **kwargs)
        answer["Cache-Control"] = "no-store"
        return answer


class FaultSerializer(serializers.Serializer[Any]):
    """The form of all refusals."""

    code = serializers.CharField()
    detail = serializers.CharField()
    fields = serializers.DictField(required=False)  # type: ignore[assignment]


class MachineText(serializers.CharField):
    """A text taken as it comes: ids and secrets may not lose their spaces."""

    def __init__(self, **options: Any) -> None:
        super().__init__(trim_whitespace=False, **options)
