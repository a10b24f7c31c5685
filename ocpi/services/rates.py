"""How many requests a partner may make: counted by the minute in the cache, refused with 429 beyond."""

from datetime import datetime

import structlog
from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError

from emobility.lib.errors import TooMany
from ocpi.models import Partner

WINDOW_SECONDS = 60

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
    key = f"ocpi:rate:{partner.pk}:{minute}"
    try:
        count = 1 if cache.add(key, 1, 2 * WINDOW_SECONDS) else cache.incr(key)
    except (RedisError, OSError, ValueError):
        log.warning("ocpi.rate_not_counted", partner_id=partner.pk)
        return
    if count > limit:
        raise TooMany("Too many requests; try again later.", retry_after=WINDOW_SECONDS - second)
