"""`POST /api/tickets`: what opens a live socket where no header can be sent."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import UserRateThrottle
from rest_framework.views import APIView

from registry.api.base import FaultSerializer
from registry.api.rights import RightPermission
from registry.rights import Right
from registry.services.tickets import LIFE, ticket_issue

PREFIX = "ticket."


class TicketThrottle(UserRateThrottle):
    """Enough for all pages of a person to come back at once."""

    scope = "tickets"
    rate = "120/min"


class TicketResponse(serializers.Serializer[Any]):
    """Offer `protocol` as a subprotocol of the WebSocket, once, within `expires_in` seconds."""

    ticket = serializers.CharField()
    protocol = serializers.CharField()
    expires_in = serializers.IntegerField()
    expires_at = serializers.DateTimeField()


EXAMPLE = OpenApiExample(
    "a ticket",
    {
        "ticket": "k1Zq4W6m0pYx8sVbT2nR5dGhJ7cLfA9uEoXiQwSzNyM",
        "protocol": "ticket.k1Zq4W6m0pYx8sVbT2nR5dGhJ7cLfA9uEoXiQwSzNyM",
        "expires_in": 30,
        "expires_at": "2026-03-02T12:00:30Z",
    },
    response_only=True,
)


class TicketView(APIView):
    """A single-use ticket for `/dashboard` or `/master`, with the rights of who asks."""

    permission_classes = [RightPermission]
    write_right = Right.SEE
    throttle_classes = [TicketThrottle]

    @extend_schema(
        request=None,
        responses={
            201: TicketResponse,
            401: FaultSerializer,
            403: FaultSerializer,
            429: FaultSerializer,
        },
        examples=[EXAMPLE],
        tags=["live"],
    )
    def post(self, request: Request) -> Response:
        """Make one."""
        user: Any = request.user
        ticket, expires_at = ticket_issue(user=user, now=timezone.now())
        answer = {
            "ticket": ticket,
            "protocol": PREFIX + ticket,
            "expires_in": int(LIFE.total_seconds()),
            "expires_at": expires_at,
        }
        body = TicketResponse(answer).data
        return Response(body, status=201, headers={"Cache-Control": "no-store"})
