"""Facts of ocpi for Prometheus: what partners have yet to get, and for how long."""

from collections.abc import Iterator

from django.db.models import Count, Min

from emobility.lib.clock import utc_now
from emobility.lib.metrics import Fact, facts
from ocpi.models import Delivery
from ocpi.models.delivery import DeliveryState


@facts("ocpi_deliveries", "ocpi_delivery_age_seconds")
def deliveries() -> Iterator[Fact]:
    """The outbox by module: what waits, what was given up, how old the oldest is that waits."""
    rows = Delivery.objects.exclude(state=DeliveryState.DELIVERED).order_by()
    counted = Fact("ocpi_deliveries", "Objects that partners have yet to get", ("module", "state"))
    ages = Fact("ocpi_delivery_age_seconds", "Age of the oldest object that waits", ("module",))
    now = utc_now()
    for module, state, count, oldest in rows.values_list("module", "state").annotate(
        Count("pk"), Min("created_at")
    ):
        counted.values.append(((module, state), count))
        if state == DeliveryState.WAITING:
            ages.values.append(((module,), max(0.0, (now - oldest).total_seconds())))
    yield counted
    yield ages
