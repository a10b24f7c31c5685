"""Addresses of files that charge points fetch or bring; what makes one a key is kept sealed."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from emobility.lib.addresses import public_address
from emobility.lib.fields import seal, unseal

SCHEMES: Final = ("ftp", "ftps", "http", "https", "sftp")
SEALED: Final = "location_sealed"


def location_is_usable(location: str) -> bool:
    """True for an address of a known scheme with any host: those of a private network are fine too."""
    try:
        parts = urlsplit(location)
        _ = parts.port
    except ValueError:
        return False
    bare = location.isprintable() and " " not in location
    return bare and parts.scheme.lower() in SCHEMES and bool(parts.hostname)


def location_public(location: str) -> str:
    """The address as it may be shown: without its password, signature or token."""
    return public_address(location)


def location_sealed(params: Mapping[str, Any]) -> dict[str, Any]:
    """An order's parameters as they may be kept: an address with secrets once more, but sealed."""
    location = str(params.get("location", ""))
    public = location_public(location)
    if public == location:
        return dict(params)
    return {**params, "location": public, SEALED: seal(location)}


def location_of(params: Mapping[str, Any]) -> str:
    """The address as the charge point needs it."""
    return unseal(params[SEALED]) if SEALED in params else str(params["location"])
