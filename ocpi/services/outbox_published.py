"""The outbox of places and prices: to every partner that takes them, what changed since it registered."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef

from ocpi.core.versions import V211
from ocpi.models import Delivery, Partner, Published
from ocpi.selectors.outbox import partners_taking
from ocpi.services.outbox import delivery_put

BATCH = 500
MODULES = ("locations", "tariffs")


def published_offer(*, rows: Iterable[Published], now: datetime) -> set[int]:
    """Put changed objects into the outbox of all that take them; answers the partners with something due."""
    due: set[int] = set()
    for row in rows:
        for partner in partners_taking(row.module).filter(organization_id=row.organization_id):
            if _may_have(partner, row) and delivery_put(partner, _wanted(row), now, urgent=True):
                due.add(partner.pk)
    return due


def published_offer_missing(*, now: datetime) -> set[int]:
    """What a lost bell left: changed objects that are not in a partner's outbox."""
    due: set[int] = set()
    for module in MODULES:
        for partner in partners_taking(module):
            put = Delivery.objects.filter(
                partner=partner,
                module=module,
                source_id=OuterRef("pk"),
                source_at__gte=OuterRef("last_updated"),
            )
            rows = Published.objects.filter(
                ~Exists(put),
                organization_id=partner.organization_id,
                module=module,
                last_updated__gte=partner.registered_at or now,
            )
            for row in rows.order_by("pk")[:BATCH]:
                if _may_have(partner, row) and delivery_put(partner, _wanted(row), now, urgent=True):
                    due.add(partner.pk)
    return due


def _wanted(row: Published) -> Delivery:
    return Delivery(module=row.module, object_id=row.object_id, source_id=row.pk, source_at=row.last_updated)


def _may_have(partner: Partner, row: Published) -> bool:
    """What must not be shown is not told in 2.1.1, which cannot say so; older states are pulled."""
    is_hidden = row.module == "locations" and not row.is_public
    since = partner.registered_at
    return (since is None or row.last_updated >= since) and not (is_hidden and partner.version == V211)
