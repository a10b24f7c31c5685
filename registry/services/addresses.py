"""Where a caller really is: forwarded addresses count only from the proxies that the settings name."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def client_address(peer: str, forwarded_for: str = "") -> str:
    """The caller's address: `peer`, or behind trusted proxies the right-most stranger of X-Forwarded-For.

    The left part of the header is whatever the caller wrote; only what trusted proxies added counts.
    """
    if not is_trusted_proxy(peer):
        return peer
    for entry in reversed([part.strip() for part in forwarded_for.split(",") if part.strip()]):
        address = _without_port(entry)
        if not is_address(address):
            return peer
        if not is_trusted_proxy(address):
            return address
    return peer


def is_trusted_proxy(peer: str) -> bool:
    """True for an address inside TRUSTED_PROXIES (addresses or networks)."""
    if not is_address(peer):
        return False
    address = ip_address(peer)
    return any(address in network for network in _networks(tuple(settings.TRUSTED_PROXIES)))


def is_loopback_address(peer: str) -> bool:
    """True where the caller is on this machine."""
    return is_address(peer) and ip_address(peer).is_loopback


def is_address(text: str) -> bool:
    """True for an IPv4 or IPv6 address."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _without_port(entry: str) -> str:
    if entry.startswith("["):
        return entry[1:].partition("]")[0]
    return entry.partition(":")[0] if entry.count(":") == 1 else entry


@lru_cache(maxsize=8)
def _networks(entries: Sequence[str]) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        return tuple(ip_network(entry, strict=False) for entry in entries)
    except ValueError as error:
        raise ImproperlyConfigured(f"TRUSTED_PROXIES: {error}") from error
