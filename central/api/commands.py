"""REST: commands; an order is accepted here and answered by the charge point in its own time."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django_filters import CharFilter, ChoiceFilter, FilterSet, IsoDateTimeFilter
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.throttling import BaseThrottle, UserRateThrottle

from central.models import Command
from central.models.command import CommandState
from central.ocpp.ordering import order_place, order_retry
from central.services.commands import DEFAULT_TTL, MOST_ATTEMPTS, command_cancel
from emobility.lib.api import ScopedViewSet
from emobility.lib.errors import Invalid, NotFound
from registry.api.base import FaultSerializer
from registry.api.rights import RightPermission
from registry.models import ChargePoint
from registry.rights import Right

MOST_SECONDS = 7 * 24 * 3600


class CommandThrottle(UserRateThrottle):
    """Orders of one person: enough for a shift, too few to swing a grid."""

    scope = "commands"


class CommandSerializer(serializers.ModelSerializer[Command]):
    """A command and what became of it."""

    charge_point = serializers.CharField(source="charge_point.cp_id")
    requested_by = serializers.CharField(source="requested_by.username", default=None)
    retry_of = serializers.UUIDField(source="retry_of.uid", default=None)
    bulk = serializers.UUIDField(source="bulk_target.bulk.uid", default=None)

    class Meta:
        model = Command
        fields = (
            "uid",
            "charge_point",
            "order",
            "params",
            "state",
            "requested_by",
            "source",
            "reason",
            "attempts",
            "max_attempts",
            "not_before",
            "retry_of",
            "bulk",
            "action",
            "message_id",
            "answer",
            "error",
            "created_at",
            "expires_at",
            "sent_at",
            "finished_at",
        )


class OrderRequest(serializers.Serializer[Any]):
    """What to do: an order by name with its `params`; GET /api/orders/ tells which orders there are.

    It waits for at most `valid_seconds`; where no answer comes it is sent up to `attempts` times.
    """

    order = serializers.CharField(max_length=40)
    charge_point = serializers.CharField(max_length=48)
    params = serializers.DictField(default=dict)
    reason = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)
    valid_seconds = serializers.IntegerField(required=False, min_value=1, max_value=MOST_SECONDS)
    attempts = serializers.IntegerField(required=False, default=1, min_value=1, max_value=MOST_ATTEMPTS)


class OrderAccepted(serializers.Serializer[Any]):
    """Where to ask what became of it."""

    uid = serializers.UUIDField()
    state = serializers.CharField()
    url = serializers.URLField()


class CommandFilter(FilterSet):
    """Charge point (cp_id), order, state, and the time of asking within [from, to)."""

    charge_point = CharFilter(field_name="charge_point__cp_id")
    order = CharFilter()
    state = ChoiceFilter(choices=CommandState.choices)
    to = IsoDateTimeFilter(field_name="created_at", lookup_expr="lt")


# `from` is a word of Python's, so it cannot be a name in the class.
CommandFilter.base_filters["from"] = IsoDateTimeFilter(field_name="created_at", lookup_expr="gte")


@extend_schema(tags=["commands"])
class CommandViewSet(ScopedViewSet):
    """Commands of your organisation, newest first."""

    queryset = Command.objects.select_related("charge_point", "requested_by", "retry_of", "bulk_target__bulk")
    serializer_class = CommandSerializer
    permission_classes = [RightPermission]
    see_right = Right.INSPECT
    write_right = Right.OPERATE
    filterset_class = CommandFilter
    lookup_field = "uid"
    lookup_value_regex = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

    def get_throttles(self) -> list[BaseThrottle]:
        """Only orders are counted."""
        return [CommandThrottle()] if self.action in {"create", "retry"} else []

    def get_serializer_class(self) -> Any:
        """The form of the browsable page is that of an order."""
        return OrderRequest if self.action in {"create", None} else CommandSerializer

    @extend_schema(
        request=OrderRequest,
        responses={
            202: OrderAccepted,
            400: FaultSerializer,
            403: FaultSerializer,
            404: FaultSerializer,
            409: FaultSerializer,
            429: OpenApiResponse(FaultSerializer, "More than 60 orders in a minute."),
        },
    )
    def create(self, request: Request) -> Response:
        """Queue an order; 202 says that it is kept, not that the charge point did it."""
        form = OrderRequest(data=request.data)
        form.is_valid(raise_exception=True)
        return self._accepted(self._order(request, form.validated_data))

    @extend_schema(
        request=None, responses={200: CommandSerializer, 403: FaultSerializer, 409: FaultSerializer}
    )
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, uid: str = "") -> Response:
        """Take back an order that still waits."""
        user: Any = request.user
        command = command_cancel(command=self.get_object(), requested_by=user, now=timezone.now())
        return Response(CommandSerializer(command).data)

    @extend_schema(request=None, responses={202: OrderAccepted, 403: FaultSerializer, 409: FaultSerializer})
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, uid: str = "") -> Response:
        """Queue a finished order again, as a new command."""
        user: Any = request.user
        return self._accepted(order_retry(command=self.get_object(), requested_by=user, now=timezone.now()))

    def _accepted(self, command: Command) -> Response:
        url = reverse("command-detail", args=[command.uid], request=self.request)
        body = OrderAccepted({"uid": command.uid, "state": command.state, "url": url}).data
        return Response(body, status=202, headers={"Location": url})

    def _order(self, request: Request, asked: dict[str, Any]) -> Command:
        user: Any = request.user
        charge_point = ChargePoint.objects.visible_to(user).filter(cp_id=asked["charge_point"]).first()
        if charge_point is None:
            raise NotFound(_("No such charge point."))
        try:
            return order_place(
                charge_point=charge_point,
                order=asked["order"],
                params=asked["params"],
                requested_by=user,
                reason=asked["reason"],
                source="api",
                ttl=timedelta(seconds=asked["valid_seconds"]) if "valid_seconds" in asked else DEFAULT_TTL,
                attempts=asked["attempts"],
                now=timezone.now(),
            )
        except Invalid as error:
            known = "order" not in error.fields
            fault = {"params": error.fields or [error.message]} if known else error.fields
            raise serializers.ValidationError(fault) from error
