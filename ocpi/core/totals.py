"""How many rows a list has that only grows: what was there half a minute ago is counted once."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.core.cache import cache
from django.db.models import QuerySet

SETTLES: Final = timedelta(seconds=30)
"""Older keys than those seen so long ago come no more: a transaction that makes a row ends sooner."""
KEPT: Final = timedelta(hours=1)
"""Then all is counted anew."""


def total_kept(rows: QuerySet[Any], name: str, now: datetime) -> int:
    """The number of `rows`, which are never deleted; `name` stands for their filter in the cache.

    Rows up to the key `mark` are known to be `count`; those up to `ahead` were seen at `seen`.
    """
    key = f"ocpi:total:{name}"
    known = cache.get(key)
    if known is None or now - known["since"] > KEPT:
        known = {"mark": 0, "count": 0, "ahead": 0, "seen": now, "since": now}
    newer = rows.filter(pk__gt=known["mark"]).order_by()
    total: int = known["count"] + newer.count()
    if known["ahead"] and now - known["seen"] >= SETTLES:
        settled = newer.filter(pk__lte=known["ahead"]).count()
        known |= {"mark": known["ahead"], "count": known["count"] + settled, "ahead": 0}
        cache.set(key, known, KEPT.total_seconds())
    elif not known["ahead"]:
        latest = rows.order_by("-pk").values_list("pk", flat=True).first() or 0
        if latest > known["mark"]:
            cache.set(key, known | {"ahead": latest, "seen": now}, KEPT.total_seconds())
    return total
