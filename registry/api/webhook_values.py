"""How webhooks, deliveries and events look in REST, and what a caller may wish."""

from typing import Any

from django.http import QueryDict
from rest_framework import serializers

from registry.models import (
    ChargePoint,
    ChargePointGroup,
    Event,
    Site,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
)
from registry.services.webhook_endpoints import Wish
from registry.services.webhook_requests import event_body


class WebhookSerializer(serializers.ModelSerializer[WebhookEndpoint]):
    """A webhook with its health; secret and own headers are not shown."""

    charge_points: Any = serializers.SlugRelatedField(slug_field="cp_id", many=True, read_only=True)

    class Meta:
        model = WebhookEndpoint
        fields = (
            "uid",
            "name",
            "url",
            "kinds",
            "sites",
            "groups",
            "charge_points",
            "is_active",
            "paused_at",
            "pause_reason",
            "failures",
            "paused_until",
            "failing_since",
            "last_success_at",
            "last_error",
            "position",
            "previous_until",
            "created_at",
            "updated_at",
        )
        read_only_fields = fields


class SecretSerializer(serializers.Serializer[Any]):
    """A webhook and its secret, this one time."""

    webhook = WebhookSerializer(source="endpoint")
    secret = serializers.CharField()


class WebhookWish(serializers.Serializer[Any]):
    """What a webhook is to be. Places: any of these sites, groups and charge points; none: all."""

    name = serializers.CharField(max_length=100)
    url = serializers.CharField(max_length=500)
    kinds = serializers.ListField(
        child=serializers.CharField(max_length=64), help_text="Kinds with wildcards: session.*"
    )
    sites = serializers.PrimaryKeyRelatedField(queryset=Site.objects.none(), many=True, required=False)
    groups = serializers.PrimaryKeyRelatedField(
        queryset=ChargePointGroup.objects.none(), many=True, required=False
    )
    charge_points = serializers.SlugRelatedField(
        slug_field="cp_id", queryset=ChargePoint.objects.none(), many=True, required=False
    )
    headers = serializers.DictField(child=serializers.CharField(allow_blank=True), required=False)
    is_active = serializers.BooleanField(required=False, default=True)

    def __init__(self, *args: Any, user: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places: Any = {"sites": Site, "groups": ChargePointGroup, "charge_points": ChargePoint}
        for name, model in places.items() if user is not None else ():
            field: Any = self.fields[name]
            field.child_relation.queryset = model.objects.visible_to(user)


def wish_of(data: Any, user: Any) -> Wish:
    """The wish in a request; places are looked for among those visible to `user`. Raises ValidationError."""
    asked = WebhookWish(data=data.dict() if isinstance(data, QueryDict) else data, user=user)
    asked.is_valid(raise_exception=True)
    return Wish(**asked.validated_data)


class ReplaySerializer(serializers.Serializer[Any]):
    """From when on."""

    since = serializers.DateTimeField()


class DeliverySerializer(serializers.ModelSerializer[WebhookDelivery]):
    """One event for one webhook."""

    webhook = serializers.UUIDField(source="endpoint.uid", read_only=True)
    event = serializers.CharField(source="event.uid", read_only=True)
    type = serializers.CharField(source="event.kind", read_only=True)
    subject = serializers.CharField(source="event.subject", read_only=True)
    charge_point = serializers.CharField(
        source="event.charge_point.cp_id", read_only=True, allow_null=True, default=None
    )

    class Meta:
        model = WebhookDelivery
        fields = (
            "id",
            "webhook",
            "event",
            "type",
            "subject",
            "charge_point",
            "state",
            "attempts",
            "next_attempt_at",
            "delivered_at",
            "last_status",
            "last_error",
            "created_at",
        )


class AttemptSerializer(serializers.ModelSerializer[WebhookAttempt]):
    """One request: what came back, in how many milliseconds."""

    class Meta:
        model = WebhookAttempt
        fields = ("at", "duration_ms", "status", "error", "excerpt")


class EventSerializer(serializers.Serializer[Any]):
    """An event as webhooks and streams carry it."""

    id = serializers.CharField()
    type = serializers.CharField()
    timestamp = serializers.DateTimeField()
    position = serializers.IntegerField(allow_null=True)
    organization = serializers.CharField()
    charge_point = serializers.CharField(allow_null=True)
    subject = serializers.CharField()
    data = serializers.DictField()  # type: ignore[assignment]

    def to_representation(self, instance: Event) -> dict[str, Any]:
        """The one form."""
        return event_body(instance)
