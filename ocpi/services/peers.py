"""Reads a peer's versions and endpoints during a handshake (OCPI 2.2.1 §6, §7.1.1)."""

from dataclasses import dataclass
from typing import Any

from ocpi.core.client import PartnerClient
from ocpi.core.configuration import VERSION, VERSION_DETAILS
from ocpi.core.errors import (
    EndpointsMissing,
    ParametersInvalid,
    PeerError,
    PeerUnusable,
    VersionUnsupported,
)
from ocpi.core.versions import highest_common

MOST_ENDPOINTS = 100


@dataclass(frozen=True, slots=True)
class Peer:
    """What a peer offers in the chosen version: endpoints as (identifier, side, url)."""

    version: str
    endpoints: tuple[tuple[str, str, str], ...]

    @property
    def credentials_url(self) -> str:
        """Its credentials endpoint; the side has no meaning there."""
        return next(url for identifier, _, url in self.endpoints if identifier == "credentials")


def peer_read(*, client: PartnerClient, versions_url: str, version: str | None = None) -> Peer:
    """Ask for versions, then for details of `version` or of the newest common one.

    Raises PeerUnusable (3001), VersionUnsupported (3002) or EndpointsMissing (3003).
    """
    try:
        offered = _list(client.call("GET", versions_url, module="versions").data)
        chosen = _choose(offered, version)
        details = client.call("GET", chosen["url"], module="versions").data
        endpoints = _endpoints(details, chosen["version"])
    except PeerError as error:
        raise PeerUnusable(f"The versions of the peer cannot be read: {error.message}") from error
    except ParametersInvalid as error:
        raise PeerUnusable(f"The versions of the peer are wrong: {error.message}") from error
    if not any(identifier == "credentials" for identifier, _, _ in endpoints):
        raise EndpointsMissing("The peer has no credentials endpoint.")
    return Peer(chosen["version"], endpoints)


def _list(data: Any) -> list[dict[str, Any]]:
    if not isinstance(data, list) or len(data) > MOST_ENDPOINTS:
        raise ParametersInvalid("The versions are no list.")
    return [VERSION.parse(item, "2.2.1") for item in data]


def _choose(offered: list[dict[str, Any]], version: str | None) -> dict[str, Any]:
    wanted = version or highest_common([item["version"] for item in offered])
    for item in offered:
        if item["version"] == wanted:
            return item
    raise VersionUnsupported("There is no OCPI version that both sides speak.")


def _endpoints(details: Any, version: str) -> tuple[tuple[str, str, str], ...]:
    parsed = VERSION_DETAILS.parse(details, version)
    if len(parsed["endpoints"]) > MOST_ENDPOINTS:
        raise ParametersInvalid("There are too many endpoints.")
    return tuple((item["identifier"], item["role"], item["url"]) for item in parsed["endpoints"])
