"""Limits on wrong logins: failures only, per address and id and per address; an id itself is never locked.

A site of a hundred charge points shares one address and may reconnect at once; whoever guesses may not lock
the real charge point out. Nor may neighbours that were set up wrongly: who has logged in from an address
before is not stopped by the failures of others there. Counters live in the cache; where that is gone, in this
process.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from ipaddress import IPv6Address, ip_address, ip_network

import structlog
from django.core.cache import cache
from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.utils.translation import gettext_lazy as _
from redis.exceptions import RedisError

from emobility.lib.errors import TooMany, Unauthenticated

WINDOW_SECONDS = 60
FAILURES_PER_ADDRESS_AND_ID = 5
FAILURES_PER_ADDRESS = 20
PROBES_PER_ADDRESS = 120
REMEMBERED_SECONDS = 30 * 24 * 3600
"""After a login; each further one prolongs it."""
Caller = tuple[str, str]
"""Address, and the id that is claimed from it."""

log = structlog.get_logger(__name__)
_own: BaseCache = LocMemCache("throttle", {"OPTIONS": {"MAX_ENTRIES": 10_000}})


def failures_check(*, address: str, cp_id: str) -> None:
    """Raise TooMany where `address` failed too often lately, with this id or (if it is a stranger) at all."""
    if failures_beyond([(address, cp_id)]):
        _refuse()


def failures_beyond(callers: Collection[Caller]) -> set[Caller]:
    """Those of the callers that `failures_check` would refuse: all by one question."""
    asked = {key for caller in callers for key in (*_keys(*caller), _familiar(*caller))}
    try:
        counts = cache.get_many(asked)
    except (RedisError, OSError):
        counts = _own.get_many(asked)
    return {caller for caller in callers if _is_beyond(caller, counts)}


def _is_beyond(caller: Caller, counts: Mapping[str, int]) -> bool:
    keys = _keys(*caller)
    if counts.get(_familiar(*caller)):
        del keys[_of_all(caller[0])]
    return any(counts.get(key, 0) >= limit for key, limit in keys.items())


def login_remember(*, address: str, cp_id: str) -> None:
    """Note that this id proved itself from this address: failures of others there do not stop it."""
    logins_remember([(address, cp_id)])


def logins_remember(callers: Collection[Caller]) -> None:
    """`login_remember` for each of them, by one step."""
    noted = {_familiar(*caller): 1 for caller in callers}
    try:
        cache.set_many(noted, REMEMBERED_SECONDS)
    except (RedisError, OSError):
        _own.set_many(noted, REMEMBERED_SECONDS)


def failure_count(*, address: str, cp_id: str) -> None:
    """Count one wrong login; raise TooMany where it is beyond a limit."""
    for key, limit in _keys(address, cp_id).items():
        if _increment(key) > limit:
            _refuse()


def probe_count(*, address: str) -> None:
    """Count a question that tells a stranger whether an id exists; raise TooMany beyond the limit."""
    if _increment(f"throttle:probe:{_network(address)}") > PROBES_PER_ADDRESS:
        _refuse()


@contextmanager
def failures_limited(*, address: str, cp_id: str) -> Iterator[None]:
    """Around a login: refuse at once beyond the limits, count it where it raises Unauthenticated."""
    failures_check(address=address, cp_id=cp_id)
    try:
        yield
    except Unauthenticated:
        failure_count(address=address, cp_id=cp_id)
        raise


def _keys(address: str, cp_id: str) -> dict[str, int]:
    return {
        _of_all(address): FAILURES_PER_ADDRESS,
        f"throttle:id:{_pair(address, cp_id)}": FAILURES_PER_ADDRESS_AND_ID,
    }


def _of_all(address: str) -> str:
    return f"throttle:address:{_network(address)}"


def _familiar(address: str, cp_id: str) -> str:
    return f"throttle:familiar:{_pair(address, cp_id)}"


def _pair(address: str, cp_id: str) -> str:
    return f"{_network(address)}:{cp_id.encode('utf-8', 'replace').hex()[:100]}"


def _network(address: str) -> str:
    """One household: an IPv4 address, or the /64 that an IPv6 caller may choose addresses from."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return ip_network((parsed, 64), strict=False).network_address.compressed.replace(":", "-")
    return str(parsed)


def _increment(key: str) -> int:
    try:
        return _increment_in(cache, key)
    except (RedisError, OSError):
        log.warning("throttle.cache_unreachable")
        return _increment_in(_own, key)


def _increment_in(store: BaseCache, key: str) -> int:
    """The window begins with the first failure; later ones do not prolong it."""
    if store.add(key, 1, WINDOW_SECONDS):
        return 1
    try:
        return int(store.incr(key))
    except ValueError:
        store.set(key, 1, WINDOW_SECONDS)
        return 1


def _refuse() -> None:
    raise TooMany(str(_("Too many failed attempts; try again later.")), retry_after=WINDOW_SECONDS)
