"""Facts of billing for Prometheus: ended sessions whose CDR is missing, CDRs that wait for a person."""

from collections.abc import Iterator
from typing import Final

from billing.models import Cdr
from billing.selectors.cdrs import sessions_without_cdr
from emobility.lib.clock import utc_now
from emobility.lib.metrics import Fact, facts

MOST: Final = 1000
"""Counted up to here: beyond it the figure says enough."""


@facts("cdrs_missing", "cdrs_held")
def cdrs() -> Iterator[Fact]:
    """What billing has yet to do."""
    missing = len(sessions_without_cdr(utc_now(), deep=False, limit=MOST))
    yield Fact("cdrs_missing", f"Ended sessions without their CDR, up to {MOST}", (), [((), missing)])
    held = (
        Cdr.objects.filter(needs_review=True, replacements__isnull=True)
        .exclude(reviews__decision__gt="")[:MOST]
        .count()
    )
    yield Fact("cdrs_held", f"CDRs that wait for a person, up to {MOST}", (), [((), held)])
