"""Webhooks, what they sent, and what came back."""

from registry.models import ChargePoint, Event, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from tests.support.world import NOW, World


def furnish(world: World, number: int) -> None:
    """An endpoint with a delivery and an attempt."""
    point, event = world.rows[ChargePoint][number], world.rows[Event][number]
    endpoint = world.keep(
        WebhookEndpoint.objects.create(
            organization=world.organization,
            name=f"{world.mark}-{number}",
            url=f"https://{world.mark.lower()}.example/hooks",
            kinds=["*"],
            secret="whsec_c2VjcmV0",
            last_error=world.mark,
        )
    )
    endpoint.charge_points.add(point)
    delivery = world.keep(
        WebhookDelivery.objects.create(
            endpoint=endpoint,
            event=event,
            lane=point.pk,
            position=1,
            next_attempt_at=NOW,
            created_at=NOW,
            last_error=world.mark,
        )
    )
    world.keep(
        WebhookAttempt.objects.create(
            delivery=delivery, at=NOW, duration_ms=7, status=500, error="HTTP 500", excerpt=world.mark
        )
    )
