"""Django's Redis cache with connections that outlive a request."""

from functools import cache
from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient


class SharedRedisCache(RedisCache):
    """All requests of a process share its connections.

    Django makes a cache, and with it its connections, anew for each request of an ASGI server: whoever asked
    the cache once paid for a connection.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = _client_of


def _client_of(servers: list[str], **options: Any) -> RedisCacheClient:
    return _client(tuple(servers), **options)


@cache
def _client(servers: tuple[str, ...], **options: Any) -> RedisCacheClient:
    return RedisCacheClient(list(servers), **options)
