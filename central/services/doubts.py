"""Registers at the two ends of a session that were not believed: nobody pays by what is left without a look.

In 1.6 start and stop are fields of their own (`reviews.settle`), in 2.x they are meter values like others.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from central.models import MeterValue
from central.models.review import ReviewReason
from central.services.prepared import Prepared
from central.services.progress import ABOVE_NEXT, BELOW_PREVIOUS, BELOW_START, IMPOSSIBLE_JUMP

REASONS: Final = {
    ABOVE_NEXT: ReviewReason.STOP_BELOW_METER_VALUES,
    BELOW_START: ReviewReason.STOP_BELOW_START,
    BELOW_PREVIOUS: ReviewReason.STOP_BELOW_METER_VALUES,
    IMPOSSIBLE_JUMP: ReviewReason.IMPOSSIBLE_ENERGY,
    "negative_register": ReviewReason.STOP_BELOW_START,
}


def doubts_at_the_ends(ends: Mapping[int, tuple[datetime, datetime]]) -> dict[int, set[ReviewReason]]:
    """Why a register from before the first good one, or from after the last good one, was not believed.

    `ends` are the times of these two by session. Of those in between counts one that came late: it is higher
    than what the session ended with.
    """
    found: dict[int, set[ReviewReason]] = {}
    for session_id, at, flags in _unbelieved.rows(sessions=list(ends)):
        first, last = ends[session_id]
        outside = at <= first or at >= last
        for flag in flags:
            if flag in REASONS and (outside or flag == ABOVE_NEXT):
                found.setdefault(session_id, set()).add(REASONS[flag])
    return found


_unbelieved: Final = Prepared(
    lambda sessions: (
        MeterValue.objects.filter(session_id__among=sessions, register_wh__isnull=True)
        .exclude(flags=[])
        .order_by()
        .values_list("session_id", "sampled_at", "flags")
    )
)
