"""Appends events to Redis streams, a batch at a time; what is there already is not written twice."""

from collections.abc import Sequence
from dataclasses import dataclass

from redis import Redis


@dataclass(frozen=True, slots=True)
class StreamEntry:
    """One entry: the stream's key, the position in the sequence, and its fields."""

    key: str
    position: int
    fields: dict[str, str]


def stream_append(url: str, entries: Sequence[StreamEntry], *, newest: int, maxlen: int) -> int:
    """Append entries in their order, all or none; how many were new. Raises RedisError, OSError.

    A writer that was killed after the append begins with the same entries again: those up to the last one in
    the stream are left out. A stream that is ahead of `newest` belongs to an older life of the database and
    says nothing.
    """
    with Redis.from_url(url, socket_timeout=5, socket_connect_timeout=2, decode_responses=True) as redis:
        done = {key: _last(redis, key, newest) for key in {entry.key for entry in entries}}
        fresh = [entry for entry in entries if entry.position > done[entry.key]]
        with redis.pipeline(transaction=True) as pipeline:
            for entry in fresh:
                fields = {"position": str(entry.position), **entry.fields}
                pipeline.xadd(entry.key, fields, maxlen=maxlen, approximate=True)
            pipeline.execute()
    return len(fresh)


def _last(redis: "Redis", key: str, newest: int) -> int:
    found = redis.xrevrange(key, count=1)
    if not found:
        return 0
    position = int(found[0][1].get("position", 0))  # type: ignore[index]
    return position if position <= newest else 0
