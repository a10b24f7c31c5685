"""Requests share the cache's connections to Redis."""

import contextvars

import pytest
from django.conf import settings
from django.core.cache import CacheHandler

from emobility.messaging import caches

pytestmark = pytest.mark.redis


def test_requests_of_a_process_share_their_connections():
    """Django makes a cache anew in each context, and each request has one of its own."""
    handler = CacheHandler(caches(settings.REDIS_URL, "test-shared"))

    def connection() -> int:
        return int(handler["default"]._cache.get_client().client_id())  # type: ignore[attr-defined]

    assert len({contextvars.Context().run(connection) for _ in range(5)}) == 1
