"""REST: commands; an order is accepted here and answered by the charge point in its own time."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django_filters import CharFilter, ChoiceFilter, FilterSet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from central.api.command_rows import CommandDetailSerializer, CommandSerializer
from central.api.waiting import ORDER_RESPONSES, WAIT_PARAMETERS, HowSerializer, how_of, place, told, ttl_of
from central.models.command import CommandState
from central.ocpp.ordering import order_cancel, order_retry
from emobility.lib.api import ScopedViewSet
from emobility.lib.filters import within
from registry.api.base import FaultSerializer
from registry.api.rights import RightPermission

RAW = "raw"


class OrderRequest(HowSerializer):
    """What to do: an `order` by name with its `params`, or an OCPP `action` with its `payload`.

    GET /api/orders/ tells which orders there are. It waits for the charge point for at most `valid_seconds`;
    where no answer comes it is sent up to `attempts` times. `wait` holds this answer for so many seconds.
    """

    order = serializers.CharField(max_length=40, required=False)
    charge_point = serializers.CharField(max_length=48)
    params = serializers.DictField(required=False, default=dict)
    action = serializers.CharField(max_length=50, required=False)
    payload = serializers.DictField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One of both ways to say it. Raises ValidationError."""
        raw = "action" in attrs
        if raw == ("order" in attrs):
            raise serializers.ValidationError({"order": [_("Name an order or an OCPP action.")]})
        if raw:
            attrs["order"] = RAW
            attrs["params"] = {"action": attrs["action"], "payload": attrs.get("payload", {})}
        return attrs


EXAMPLES = [
    OpenApiExample(
        "An order by intent",
        value={"order": "reset", "charge_point": "CP-001", "params": {"kind": "gentle"}, "wait": 30},
        request_only=True,
    ),
    OpenApiExample(
        "An OCPP action, word for word",
        value={"charge_point": "CP-001", "action": "Reset", "payload": {"type": "Soft"}, "queue": False},
        request_only=True,
    ),
]


class CommandFilter(FilterSet):
    """Charge point (cp_id), order, state, and the time of asking within [from, to)."""

    charge_point = CharFilter(field_name="charge_point__cp_id")
    order = CharFilter()
    state = ChoiceFilter(choices=CommandState.choices, method="whole_in")

    def whole_in(self, rows: Any, _: str, state: str) -> Any:
        """Whole orders: the state of all parts together where an order has some; its parts stay out."""
        return rows.whole_in([state])


within(CommandFilter, "created_at")


@extend_schema(tags=["commands"])
class CommandViewSet(ScopedViewSet):
    """Commands of your organisation, newest first."""

    queryset = CommandSerializer.rows()
    serializer_class = CommandSerializer
    permission_classes = [RightPermission]
    filterset_class = CommandFilter
    ordering_fields = ("created_at", "finished_at")
    lookup_field = "uid"
    lookup_value_regex = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

    def get_serializer_class(self) -> Any:
        """The form of the browsable page is that of an order; one command is told with its parts."""
        if self.action in {"create", None}:
            return OrderRequest
        return CommandDetailSerializer if self.action == "retrieve" else CommandSerializer

    @extend_schema(
        request=OrderRequest, parameters=WAIT_PARAMETERS, responses=ORDER_RESPONSES, examples=EXAMPLES
    )
    def create(self, request: Request) -> Response:
        """Queue an order; 202 says that it is kept, not that it was done. `wait` holds for the answer."""
        form = OrderRequest(data=request.data)
        form.is_valid(raise_exception=True)
        asked = form.validated_data
        return place(request, asked["order"], asked["charge_point"], asked["params"], how_of(request))

    @extend_schema(
        request=None, responses={200: CommandDetailSerializer, 403: FaultSerializer, 409: FaultSerializer}
    )
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, uid: str = "") -> Response:
        """Take back an order that still waits; of several parts those that have not left."""
        user: Any = request.user
        command = order_cancel(command=self.get_object(), requested_by=user, now=timezone.now())
        return Response(CommandDetailSerializer(command).data)

    @extend_schema(request=None, parameters=WAIT_PARAMETERS, responses=ORDER_RESPONSES)
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, uid: str = "") -> Response:
        """Queue a finished order again, as a new command; of several parts those that were not accepted."""
        user: Any = request.user
        how = how_of(request)
        command = order_retry(
            command=self.get_object(),
            requested_by=user,
            queue=how["queue"],
            at_most=None if how["queue"] else ttl_of(how),
            now=timezone.now(),
        )
        return told(request, command, how["wait"])
