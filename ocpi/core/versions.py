"""OCPI versions: their order, which of them this platform speaks, and what of the transport differs."""

from functools import lru_cache

V211, V221, V230 = "2.1.1", "2.2.1", "2.3.0"
SUPPORTED = (V211, V221, V230)
"""Oldest first; adding a version is a word here and marks on the fields that differ."""
ALIASES = {"2.3": V230}
"""Other spellings of a version, in addresses and in what peers list (document 002 says 2.3)."""
SPLIT_BY_ROLE = frozenset({V211})
"""Versions whose endpoints name no side: they have one versions URL for each role (2.1.1)."""


def canonical(version: str) -> str:
    """A version as it is spelled here."""
    return ALIASES.get(version, version)


def ordinal(version: str) -> tuple[int, ...]:
    """A version number that can be compared; anything unreadable comes before all others."""
    try:
        return tuple(int(part) for part in version.split("."))
    except ValueError:
        return ()


@lru_cache(maxsize=1024)
def covers(version: str, since: str | None, until: str | None) -> bool:
    """True where `version` lies between `since` (included) and `until` (excluded).

    Asked for each field of each object: the few answers that there are, are kept.
    """
    number = ordinal(version)
    return (since is None or number >= ordinal(since)) and (until is None or number < ordinal(until))


def has_message_ids(version: str) -> bool:
    """True where X-Request-ID, X-Correlation-ID and routing headers belong to a message (from 2.2 on).

    An empty version is that of a message whose version is not agreed on yet.
    """
    return not version or covers(version, V221, None)


def highest_common(offered: list[str]) -> str | None:
    """The newest version that both sides speak (OCPI 2.2.1 §7.1.1), or None."""
    common = [version for version in SUPPORTED if version in offered]
    return max(common, key=ordinal) if common else None
