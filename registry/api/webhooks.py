"""REST: webhooks of the organisation, their deliveries, and the event log to be read from a position on."""

from typing import Any

from django_filters import CharFilter, ChoiceFilter, FilterSet, IsoDateTimeFilter, UUIDFilter
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from emobility.lib.api import ScopedViewSet
from emobility.lib.clock import utc_now
from emobility.lib.errors import Invalid
from registry.api.base import FaultSerializer
from registry.api.rights import RightPermission
from registry.api.webhook_values import (
    AttemptSerializer,
    DeliverySerializer,
    EventSerializer,
    ReplaySerializer,
    SecretSerializer,
    WebhookSerializer,
    WebhookWish,
    wish_of,
)
from registry.models import Event, Organization, WebhookDelivery, WebhookEndpoint
from registry.models.webhook import WebhookState
from registry.rights import Right
from registry.services.webhook_deliveries import delivery_resend
from registry.services.webhook_endpoints import (
    webhook_change,
    webhook_create,
    webhook_delete,
    webhook_replay,
    webhook_resume,
    webhook_rotate,
    webhook_test,
)
from registry.services.webhook_requests import event_body

FAULTS: Any = {400: FaultSerializer, 401: FaultSerializer, 403: FaultSerializer, 404: FaultSerializer}
REFUSALS: Any = {**FAULTS, 409: FaultSerializer}
EXAMPLE = OpenApiExample(
    "sessions and their cost",
    {"name": "Fleet", "url": "https://cms.example/hooks", "kinds": ["session.*", "cdr.created"]},
    request_only=True,
)


@extend_schema(tags=["webhooks"])
class WebhookViewSet(ScopedViewSet):
    """Webhooks: addresses that hear of events, signed as Standard Webhooks says."""

    queryset = WebhookEndpoint.objects.prefetch_related("sites", "groups", "charge_points")
    serializer_class = WebhookSerializer
    permission_classes = [RightPermission]
    see_right = write_right = Right.MANAGE
    lookup_field = "uid"
    lookup_value_regex = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

    @extend_schema(request=WebhookWish, responses={201: SecretSerializer, **REFUSALS}, examples=[EXAMPLE])
    def create(self, request: Request) -> Response:
        """Make one; the secret is in this answer and never again."""
        user: Any = request.user
        organization = user.organization or Organization.objects.default()
        if organization is None:
            raise Invalid("You belong to no organisation.")
        made = webhook_create(
            organization=organization, wish=wish_of(request.data, user), actor=user, now=utc_now()
        )
        return Response(SecretSerializer(made).data, status=201)

    @extend_schema(request=WebhookWish, responses={200: WebhookSerializer, **REFUSALS}, examples=[EXAMPLE])
    def update(self, request: Request, uid: str) -> Response:
        """Replace what it is; headers that are left out stay."""
        user: Any = request.user
        endpoint = self.get_object()
        changed = webhook_change(
            endpoint=endpoint, wish=wish_of(request.data, user), actor=user, now=utc_now()
        )
        return Response(WebhookSerializer(changed).data)

    @extend_schema(responses={204: None, **FAULTS})
    def destroy(self, request: Request, uid: str) -> Response:
        """Delete it with its deliveries."""
        user: Any = request.user
        webhook_delete(endpoint=self.get_object(), actor=user, now=utc_now())
        return Response(status=204)

    @extend_schema(request=None, responses={200: SecretSerializer, **FAULTS})
    @action(detail=True, methods=["post"], url_path="rotate")
    def rotate(self, request: Request, uid: str) -> Response:
        """A new secret; for a day requests carry both signatures."""
        user: Any = request.user
        made = webhook_rotate(endpoint=self.get_object(), actor=user, now=utc_now())
        return Response(SecretSerializer(made).data)

    @extend_schema(request=None, responses={202: DeliverySerializer, **REFUSALS})
    @action(detail=True, methods=["post"], url_path="test")
    def test(self, request: Request, uid: str) -> Response:
        """Send it a test event; the answer tells where to look what became of it."""
        user: Any = request.user
        endpoint = self.get_object()
        event = webhook_test(endpoint=endpoint, actor=user, now=utc_now())
        row = WebhookDelivery.objects.get(endpoint=endpoint, event=event)
        answer = Response(DeliverySerializer(row).data, status=202)
        answer["Location"] = reverse("webhook-delivery-detail", args=[row.pk], request=request)
        return answer

    @extend_schema(request=ReplaySerializer, responses={202: WebhookSerializer, **REFUSALS})
    @action(detail=True, methods=["post"], url_path="replay")
    def replay(self, request: Request, uid: str) -> Response:
        """Send everything that fits again, from a point in time on, with the same ids."""
        user: Any = request.user
        asked = ReplaySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        endpoint = self.get_object()
        webhook_replay(endpoint=endpoint, since=asked.validated_data["since"], actor=user, now=utc_now())
        return Response(WebhookSerializer(endpoint).data, status=202)

    @extend_schema(request=None, responses={200: WebhookSerializer, **REFUSALS})
    @action(detail=True, methods=["post"], url_path="resume")
    def resume(self, request: Request, uid: str) -> Response:
        """End a pause; what waits is sent."""
        user: Any = request.user
        endpoint = self.get_object()
        webhook_resume(endpoint=endpoint, actor=user, now=utc_now())
        return Response(WebhookSerializer(self.get_object()).data)


class DeliveryFilter(FilterSet):  # type: ignore[misc]
    """Webhook (uid), state, type of event, charge point (cp_id), and the time within [from, to)."""

    webhook = UUIDFilter(field_name="endpoint__uid")
    state = ChoiceFilter(choices=WebhookState.choices)
    type = CharFilter(field_name="event__kind")
    charge_point = CharFilter(field_name="event__charge_point__cp_id")
    to = IsoDateTimeFilter(field_name="created_at", lookup_expr="lt")


# `from` is a word of Python's, so it cannot be a name in the class.
DeliveryFilter.base_filters["from"] = IsoDateTimeFilter(field_name="created_at", lookup_expr="gte")


@extend_schema(tags=["webhooks"])
class WebhookDeliveryViewSet(ScopedViewSet):
    """Deliveries of webhooks, newest first: what became of each event."""

    queryset = WebhookDelivery.objects.select_related("endpoint", "event__charge_point")
    serializer_class = DeliverySerializer
    permission_classes = [RightPermission]
    see_right = write_right = Right.MANAGE
    filterset_class = DeliveryFilter
    lookup_value_regex = "[0-9]{1,18}"

    @extend_schema(responses=AttemptSerializer(many=True), filters=False)
    @action(detail=True, url_path="attempts", filterset_class=None)
    def attempts(self, request: Request, pk: str) -> Response:
        """Each request that was made for it, newest first."""
        page = self.paginate_queryset(self.get_object().log.all())
        return self.get_paginated_response(AttemptSerializer(page or [], many=True).data)

    @extend_schema(request=None, responses={202: DeliverySerializer, **FAULTS})
    @action(detail=True, methods=["post"], url_path="resend")
    def resend(self, request: Request, pk: str) -> Response:
        """Send it again, with the same id."""
        user: Any = request.user
        delivery = self.get_object()
        delivery_resend(delivery=delivery, actor=user, now=utc_now())
        return Response(DeliverySerializer(self.get_object()).data, status=202)


@extend_schema(
    tags=["events"],
    parameters=[OpenApiParameter("after", int, description="Only events behind this position.")],
)
class EventViewSet(ScopedViewSet):
    """The event log in the order of its positions: who keeps the last one it has read misses nothing."""

    queryset = Event.objects.select_related("organization", "charge_point").order_by("position")
    serializer_class = EventSerializer
    permission_classes = [RightPermission]
    see_right = Right.INSPECT
    filter_backends: Any = []
    pagination_class = None
    lookup_value_regex = "[0-9]{1,18}"
    MOST = 500

    @extend_schema(responses=EventSerializer(many=True))
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Up to 500 events behind `after`; an empty list where there are none yet."""
        after = request.query_params.get("after", "0")
        if not after.isdecimal() or len(after) > 18:
            raise Invalid("A position is a whole number.", {"after": "is no position"})
        rows = self.get_queryset().filter(position__gt=int(after))
        return Response([event_body(event) for event in rows[: self.MOST]])
