"""REST: the orders that there are, and those that one charge point can carry."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from central.api.form_schema import form_schema
from central.models import ChargePointStatus
from central.ocpp.intents import ORDERS, Order
from central.ocpp.ordering import order_form
from emobility.lib.errors import NotFound
from registry.api.base import FaultSerializer
from registry.api.rights import RightPermission
from registry.models import ChargePoint
from registry.rights import may


class OrderSerializer(serializers.Serializer[Any]):
    """An order: what it does, which versions carry it, who may, and its `params` as JSON Schema."""

    order = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    explanation = serializers.CharField()
    group = serializers.CharField()
    versions = serializers.ListField(child=serializers.CharField())
    danger = serializers.BooleanField()
    right = serializers.CharField()
    allowed = serializers.BooleanField()
    params = serializers.DictField()


CHARGE_POINT = OpenApiParameter(
    "charge_point",
    OpenApiTypes.STR,
    description="Only orders that this charge point's version carries, offering what exists there.",
)


@extend_schema(tags=["orders"])
class OrderViewSet(viewsets.ViewSet):
    """What can be ordered by POST /api/commands/ and /api/bulk-commands/."""

    permission_classes = [RightPermission]
    thing = "central.order"
    lookup_value_regex = "[a-z_0-9]+"

    @extend_schema(
        parameters=[CHARGE_POINT], responses={200: OrderSerializer(many=True), 404: FaultSerializer}
    )
    def list(self, request: Request) -> Response:
        """Every order, or those that one charge point can carry. Of one that never connected: every order."""
        point = _charge_point(request)
        version = _version(point) if point else ""
        shown = [each for each in ORDERS.values() if not version or version in each.versions]
        return Response([_told(each, request, point) for each in sorted(shown, key=lambda each: each.name)])

    @extend_schema(parameters=[CHARGE_POINT], responses={200: OrderSerializer, 404: FaultSerializer})
    def retrieve(self, request: Request, pk: str = "") -> Response:
        """One order."""
        if pk not in ORDERS:
            raise NotFound(_("There is no such order."))
        return Response(_told(ORDERS[pk], request, _charge_point(request)))


def _charge_point(request: Request) -> ChargePoint | None:
    cp_id = request.query_params.get("charge_point")
    if not cp_id:
        return None
    found = ChargePoint.objects.visible_to(request.user).filter(cp_id=cp_id).first()
    if found is None:
        raise NotFound(_("No such charge point."))
    return found


def _version(charge_point: ChargePoint) -> str:
    live = ChargePointStatus.objects.filter(charge_point=charge_point)
    return live.values_list("ocpp_version", flat=True).first() or ""


def _told(order: Order, request: Request, charge_point: ChargePoint | None) -> dict[str, Any]:
    form = order_form(order, None, charge_point) if charge_point else order.form()
    return OrderSerializer(
        {
            "order": order.name,
            "label": order.label,
            "explanation": order.explain,
            "group": order.group,
            "versions": order.versions,
            "danger": order.danger,
            "right": order.right.value,
            "allowed": may(request.user, order.right),
            "params": form_schema(form),
        }
    ).data
