"""How many requests a partner may make: counted by the minute in the cache, refused with 429 beyond.

Each process tells the cache of every two-hundredth part of the limit: with a limit below 400 of each request,
else several at once, so that of many requests most ask nobody.
"""

import threading
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog
from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError

from emobility.lib.errors import TooMany
from ocpi.models import Partner

WINDOW_SECONDS = 60
SHARES = 200

log = structlog.get_logger(__name__)


def request_count(*, partner: Partner, now: datetime) -> None:
    """Count one request; raises TooMany with the seconds until the minute is over. 0 means no limit.

    A cache that is gone lets everything pass: a limit must not take a partner down.
    """
    given = partner.requests_per_minute
    limit = settings.OCPI_PARTNER_REQUESTS_PER_MINUTE if given is None else given
    if not limit:
        return
    minute, second = divmod(int(now.timestamp()), WINDOW_SECONDS)
    try:
        count = _counted(f"ocpi:rate:{partner.pk}:{minute}", partner.pk, minute, max(1, limit // SHARES))
    except (RedisError, OSError, ValueError):
        log.warning("ocpi.rate_not_counted", partner_id=partner.pk)
        return
    if count > limit:
        raise TooMany("Too many requests; try again later.", retry_after=WINDOW_SECONDS - second)


def refusal_is_news(*, partner: Partner) -> bool:
    """True for the first refusal of a minute: it is worth a row of the message log, a flood is not."""
    try:
        return bool(cache.add(f"ocpi:limited:{partner.pk}", 1, WINDOW_SECONDS))
    except (RedisError, OSError, ValueError):
        return False


@dataclass(slots=True)
class _Tally:
    """What this process knows of a partner's minute: all that was shared, and its own that was not yet."""

    minute: int
    shared: int = 0
    own: int = 0


_tallies: Final[dict[int, _Tally]] = {}
_lock: Final = threading.Lock()


def _counted(key: str, partner_id: int, minute: int, share: int) -> int:
    """How many there were in this minute. Every `share` of them are told to the other processes together."""
    with _lock:
        tally = _tallies.get(partner_id)
        if tally is None or tally.minute != minute:
            tally = _tallies[partner_id] = _Tally(minute)
        tally.own += 1
        count = tally.shared + tally.own
        if tally.own < share and count > 1:
            return count
        told, tally.own = tally.own, 0
    shared = told if cache.add(key, told, 2 * WINDOW_SECONDS) else cache.incr(key, told)
    with _lock:
        tally.shared = max(tally.shared, shared)
    return shared
