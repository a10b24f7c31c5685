"""How far our CDRs are at partners: billing's question, answered."""

from collections import defaultdict
from collections.abc import Sequence

from django.urls import reverse

from billing.ports import CdrDelivery
from ocpi.models import Delivery
from ocpi.models.delivery import DeliveryState

TONES = {DeliveryState.WAITING: "info", DeliveryState.DELIVERED: "good", DeliveryState.DEAD: "bad"}


def cdr_deliveries(cdr_ids: Sequence[int]) -> dict[int, Sequence[CdrDelivery]]:
    """Deliveries by the key of their CDR; CDRs that go to nobody are missing. One query."""
    found: dict[int, list[CdrDelivery]] = defaultdict(list)
    rows = Delivery.objects.filter(module="cdrs", source_id__in=cdr_ids).select_related("partner")
    for row in rows.order_by("pk"):
        found[row.source_id].append(_told(row))
    return dict(found)


def _told(row: Delivery) -> CdrDelivery:
    state = DeliveryState(row.state)
    troubled = state == DeliveryState.WAITING and bool(row.last_error)
    page = reverse("admin:ocpi_delivery_change", args=[row.pk])
    return CdrDelivery(str(row.partner), state.label, "warn" if troubled else TONES[state], page)
