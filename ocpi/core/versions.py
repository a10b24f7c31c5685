"""OCPI versions: their order, and which of them this platform speaks."""

SUPPORTED = ("2.2.1",)
"""Oldest first; adding a version is a word here and marks on the fields that differ."""


def ordinal(version: str) -> tuple[int, ...]:
    """A version number that can be compared; anything unreadable comes before all others."""
    try:
        return tuple(int(part) for part in version.split("."))
    except ValueError:
        return ()


def covers(version: str, since: str | None, until: str | None) -> bool:
    """True where `version` lies between `since` (included) and `until` (excluded)."""
    number = ordinal(version)
    return (since is None or number >= ordinal(since)) and (until is None or number < ordinal(until))


def highest_common(offered: list[str]) -> str | None:
    """The newest version that both sides speak (OCPI 2.2.1 §7.1.1), or None."""
    common = [version for version in SUPPORTED if version in offered]
    return max(common, key=ordinal) if common else None
