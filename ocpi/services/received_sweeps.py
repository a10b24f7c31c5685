"""Ends partners' objects that their lists no longer show."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet, Value
from django.db.models.functions import Concat

from ocpi.models import Partner, ReceivedLocation, ReceivedTariff


def received_sweep(
    *,
    model: type[ReceivedLocation] | type[ReceivedTariff],
    partner: Partner,
    seen: "QuerySet[Any, str]",
    before: datetime,
    now: datetime,
) -> int:
    """Set `removed_at` of what the partner told us `before` and whose "CC/PID/ID" is not among `seen`."""
    slash = Value("/")
    key = Concat("country_code", slash, "party_id", slash, "object_key")
    known = model.objects.filter(partner=partner, removed_at=None, received_at__lt=before)
    gone = known.alias(key=key).exclude(key__in=seen)
    return model.objects.filter(pk__in=list(gone.values_list("pk", flat=True))).update(removed_at=now)
