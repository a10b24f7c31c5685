"""Failed authentications of OCPI: counted for Prometheus, and by the hour for the statistics of the day."""

from datetime import datetime, timedelta

import structlog
from django.core.cache import cache
from redis.exceptions import RedisError

from ocpi.core.figures import REFUSALS
from registry.models import Organization

HOURS = 24

log = structlog.get_logger(__name__)


def authentication_failed(*, organization: Organization, reason: str, now: datetime) -> None:
    """Count one; `reason` is missing, unknown, used, revoked or expired."""
    REFUSALS.labels(reason).inc()
    log.warning("ocpi.authentication_failed", organization=organization.slug, reason=reason)
    key = _key(organization, now)
    try:
        if not cache.add(key, 1, (HOURS + 1) * 3600):
            cache.incr(key)
    except (RedisError, OSError, ValueError):
        log.warning("ocpi.refusal_not_counted")


def authentications_failed(*, organization: Organization, now: datetime) -> int:
    """How many there were in the last 24 hours, as far as the cache remembers."""
    keys = [_key(organization, now - timedelta(hours=hours)) for hours in range(HOURS)]
    try:
        return sum(int(count) for count in cache.get_many(keys).values())
    except (RedisError, OSError):
        return 0


def _key(organization: Organization, now: datetime) -> str:
    return f"ocpi:refused:{organization.pk}:{now:%Y%m%d%H}"
