"""How long a partner that refuses with 429 asks us to wait (RFC 9110 §10.2.3, Retry-After)."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

UNSAID: Final = timedelta(minutes=1)
SHORTEST: Final = timedelta(seconds=1)
LONGEST: Final = timedelta(hours=1)
"""Nobody keeps us away for longer: a CDR is money."""


def patience_of(told: str, now: datetime) -> timedelta:
    """The wait that a header asks for, in seconds or until a date; a minute where it says nothing clear."""
    text = told.strip()
    if text.isascii() and text.isdigit() and len(text) <= 9:
        wait = timedelta(seconds=int(text))
    else:
        wait = _until(text, now)
    return min(max(wait, SHORTEST), LONGEST)


def _until(text: str, now: datetime) -> timedelta:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return UNSAID
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
