"""Settings of the channel layer, the cache and the broker: in process, or on Redis where one is named."""

from pathlib import Path
from typing import Any


def channel_layers(redis_url: str, prefix: str) -> dict[str, Any]:
    """The pub/sub layer: a Redis crash closes no charge point's socket, and no member silently expires."""
    if not redis_url:
        return {
            "default": {"BACKEND": "channels.layers.InMemoryChannelLayer", "CONFIG": {"capacity": 10_000}}
        }
    hosts = [{"address": redis_url, "socket_timeout": None}]
    backend = "channels_redis.pubsub.RedisPubSubChannelLayer"
    return {"default": {"BACKEND": backend, "CONFIG": {"hosts": hosts, "prefix": prefix}}}


def caches(redis_url: str, prefix: str) -> dict[str, Any]:
    """The cache; an unreachable Redis must not stall a login."""
    if not redis_url:
        local = "django.core.cache.backends.locmem.LocMemCache"
        # Of 300, its usual number, those that try many ids could push out the counts of their failures.
        return {"default": {"BACKEND": local, "OPTIONS": {"MAX_ENTRIES": 100_000}}}
    return {
        "default": {
            "BACKEND": "emobility.lib.redis_cache.SharedRedisCache",
            "LOCATION": redis_url,
            "KEY_PREFIX": prefix,
            "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
        }
    }


def broker_options(broker_url: str, prefix: str, folder: Path) -> dict[str, Any]:
    """Celery's transport options: folders for the embedded broker, a prefix of our own on Redis."""
    if not broker_url.startswith("filesystem"):
        return {"global_keyprefix": f"{prefix}:", "visibility_timeout": 600}
    for name in ("queue", "control", "processed"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    return {
        "data_folder_in": str(folder / "queue"),
        "data_folder_out": str(folder / "queue"),
        "control_folder": str(folder / "control"),
        "processed_folder": str(folder / "processed"),
        "store_processed": False,
        "polling_interval": 0.2,
    }
