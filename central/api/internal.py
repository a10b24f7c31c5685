"""`POST /api/internal/event` and `/api/internal/broadcast`: orders and messages from other systems."""

from typing import Any, Final

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from central.api.internal_actions import order_of
from central.api.waiting import ORDER_RESPONSES, WAIT_PARAMETERS, HowSerializer, how_of, place
from central.models import Command
from central.ocpp.broadcasts import DISPLAY, VENDOR, Broadcast, broadcast_send
from emobility.lib.clock import utc_now
from registry.api.base import FaultSerializer
from registry.api.internal import InternalView

FAULTS: Final[dict[int, Any]] = {
    400: FaultSerializer,
    401: FaultSerializer,
    403: FaultSerializer,
    404: FaultSerializer,
    409: FaultSerializer,
    429: OpenApiResponse(FaultSerializer, "Too many orders in a minute."),
}


class EventRequest(HowSerializer):
    """An order: OCPP's name with OCPP's words, or one of ours with its parameters."""

    action = serializers.CharField(max_length=50)
    charger_id = serializers.CharField(max_length=48, required=False)
    charge_point = serializers.CharField(max_length=48, required=False)
    payload = serializers.DictField(required=False, default=dict)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Either name of the charge point. Raises ValidationError where there is none."""
        named = attrs.get("charger_id") or attrs.get("charge_point")
        if not named:
            raise serializers.ValidationError({"charger_id": [_("Name the charge point.")]})
        return {**attrs, "charger_id": named}


class BroadcastRequest(serializers.Serializer[Any]):
    """A message: a text or an object, for open sockets, and for charge points where some are named."""

    message = serializers.JSONField()
    charge_points = serializers.ListField(child=serializers.CharField(max_length=48), required=False)
    vendor_id = serializers.CharField(max_length=255, required=False, default="")
    message_id = serializers.CharField(max_length=50, required=False, default="")

    def get_fields(self) -> dict[str, Any]:
        """With `as`, which is a word of Python's: how charge points hear of it."""
        way = serializers.ChoiceField(choices=[DISPLAY, VENDOR], required=False)
        return {**super().get_fields(), "as": way}

    def validate_message(self, value: Any) -> Any:
        """A text or an object."""
        if not isinstance(value, str | dict):
            raise serializers.ValidationError(_("A text or an object is needed."))
        return value


class BroadcastCommand(serializers.Serializer[Any]):
    """One order that came of it."""

    charge_point = serializers.CharField()
    uid = serializers.UUIDField()
    url = serializers.URLField()


class BroadcastSent(serializers.Serializer[Any]):
    """`id` stands in the message on the sockets; `refused` tells why a charge point was not asked."""

    id = serializers.CharField()
    commands = BroadcastCommand(many=True)
    refused = serializers.DictField(child=serializers.CharField())


class InternalEventView(InternalView):
    """Orders from other systems."""

    @extend_schema(
        tags=["internal"],
        request=EventRequest,
        parameters=WAIT_PARAMETERS,
        responses={401: FaultSerializer, **ORDER_RESPONSES},
        examples=[
            OpenApiExample(
                "start",
                {
                    "action": "RemoteStartTransaction",
                    "charger_id": "CP_001",
                    "payload": {"id_tag": "USER1234"},
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Queue an order; 202 says that it is kept, `url` tells what became of it. `wait` holds for that."""
        asked = EventRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        order, params = order_of(given["action"], given["payload"])
        return place(request, order, given["charger_id"], params, how_of(request), source="internal")


class InternalBroadcastView(InternalView):
    """Messages from other systems."""

    @extend_schema(
        tags=["internal"],
        request=BroadcastRequest,
        responses={202: BroadcastSent, **FAULTS},
        examples=[OpenApiExample("all", {"message": "Maintenance at 22:00"}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Say it on the open sockets of the organisation, and to the charge points that are named."""
        asked = BroadcastRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        user: Any = request.user
        broadcast = Broadcast(
            message=given["message"],
            charge_points=given.get("charge_points", ()),
            way=given.get("as"),
            vendor_id=given["vendor_id"],
            message_id=given["message_id"],
        )
        sent = broadcast_send(broadcast=broadcast, actor=user, now=utc_now())
        commands = [
            {"charge_point": row.charge_point.cp_id, "uid": row.uid, "url": _address(row, request)}
            for row in sent.commands
        ]
        body = BroadcastSent({"id": sent.id, "commands": commands, "refused": sent.refused}).data
        return Response(body, status=202)


def _address(command: Command, request: Request) -> str:
    return reverse("command-detail", args=[command.uid], request=request)
