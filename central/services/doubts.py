"""Registers at the two ends of a session that were not believed: nobody pays by what is left without a look.

In 1.6 start and stop are fields of their own (`reviews.settle`), in 2.x they are meter values like others.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from django.db.models import Q, QuerySet

from central.models import MeterValue, Session
from central.models.review import ReviewReason
from central.services.progress import ABOVE_NEXT, BELOW_PREVIOUS, BELOW_START, IMPOSSIBLE_JUMP

MOST_ROWS: Final = 50
REASONS: Final = {
    ABOVE_NEXT: ReviewReason.STOP_BELOW_METER_VALUES,
    BELOW_START: ReviewReason.STOP_BELOW_START,
    BELOW_PREVIOUS: ReviewReason.STOP_BELOW_METER_VALUES,
    IMPOSSIBLE_JUMP: ReviewReason.IMPOSSIBLE_ENERGY,
    "negative_register": ReviewReason.STOP_BELOW_START,
}


def doubts_at_the_ends(session: Session, first_at: datetime, last_at: datetime) -> Collection[ReviewReason]:
    """Why a register from before the first good one, or from after the last good one, was not believed.

    And why one in between was not that came late: it is higher than what the session ended with.
    """
    outside = Q(sampled_at__lte=first_at) | Q(sampled_at__gte=last_at)
    rows = MeterValue.objects.filter(session=session, register_wh__isnull=True).order_by("-sampled_at")
    told = [flag for flags in _flags(rows.filter(outside)) for flag in flags if flag in REASONS]
    found = {REASONS[flag] for flag in told}
    if any(ABOVE_NEXT in flags for flags in _flags(rows)):
        found.add(ReviewReason.STOP_BELOW_METER_VALUES)
    return sorted(found)


def _flags(rows: QuerySet[MeterValue]) -> list[list[str]]:
    return list(rows.exclude(flags=[]).values_list("flags", flat=True)[:MOST_ROWS])
