"""How a webhook does: off, paused, failing, refusing some, well; what waits, what was given up."""

from datetime import datetime
from typing import Any

from django.db.models import Count, Min, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from emobility.lib.display import badge
from registry.models import WebhookDelivery
from registry.models.webhook import WebhookState


def with_health(endpoints: QuerySet[Any]) -> QuerySet[Any]:
    """With what waits, what was given up, and since when something was tried in vain."""
    in_vain = _deliveries(WebhookState.WAITING).exclude(last_error="")
    return endpoints.annotate(
        waiting=_count(_deliveries(WebhookState.WAITING)),
        dead=_count(_deliveries(WebhookState.DEAD)),
        in_vain=_count(in_vain),
        in_vain_since=Subquery(in_vain.annotate(first=Min("created_at")).values("first")),
    )


def health_badge(endpoint: Any, now: datetime) -> SafeString:
    """The state with its age; a receiver that takes others but refuses some is not well."""
    if not endpoint.is_active:
        return badge(_("Off"), "mute")
    if endpoint.paused_at:
        return badge(_("Paused"), "bad", endpoint.paused_at, now)
    if endpoint.failures:
        return badge(_("Failing"), "bad", endpoint.failing_since, now)
    if endpoint.in_vain:
        words = _("{count} refused").format(count=endpoint.in_vain)
        return badge(words, "warn", endpoint.in_vain_since, now)
    return badge(_("Well"), "good")


def _deliveries(state: WebhookState) -> QuerySet[Any]:
    return WebhookDelivery.objects.filter(endpoint=OuterRef("pk"), state=state).order_by().values("endpoint")


def _count(rows: QuerySet[Any]) -> Any:
    return Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n")), 0)
