"""Reads a peer's versions and endpoints during a handshake (OCPI 2.2.1 §6, §7.1.1)."""

from dataclasses import dataclass, replace
from typing import Any

from ocpi.core import auth
from ocpi.core.client import PartnerClient, PeerAnswer
from ocpi.core.configuration import VERSION, VERSION_DETAILS
from ocpi.core.errors import (
    EndpointsMissing,
    ParametersInvalid,
    PeerError,
    PeerRefused,
    PeerUnusable,
    VersionUnsupported,
)
from ocpi.core.roles import side_of
from ocpi.core.versions import SPLIT_BY_ROLE, SUPPORTED, V221, canonical, highest_common

MOST_ENDPOINTS = 100
OTHER_FORM = {auth.BASE64: auth.RAW, auth.RAW: auth.BASE64}


@dataclass(frozen=True, slots=True)
class Peer:
    """What a peer offers in the chosen version: endpoints as (identifier, side, url).

    `client` is the way to it that worked: with the version, and with the token in the form that it takes.
    """

    version: str
    endpoints: tuple[tuple[str, str, str], ...]
    client: PartnerClient

    @property
    def credentials_url(self) -> str:
        """Its credentials endpoint; the side has no meaning there."""
        return next(url for identifier, _, url in self.endpoints if identifier == "credentials")


def peer_read(
    *, client: PartnerClient, versions_url: str, version: str | None = None, role: str = ""
) -> Peer:
    """Ask for versions, then for details of `version` or of the newest common one.

    `role` is the peer's: in 2.1.1 it tells which sides its endpoints are. Where the client's form of the
    token is open, the other one is tried after a 401. An address that leads to the details at once is taken
    as it is. Raises PeerUnusable (3001), VersionUnsupported (3002)
    or EndpointsMissing (3003).
    """
    try:
        client, answer = _knock(client, versions_url)
        if not _is_details(answer.data):
            chosen = _choose(_list(answer.data), version)
            client, answer = _knock(replace(client, version=canonical(chosen["version"])), chosen["url"])
        client, endpoints = _details(client, answer.data, version, role)
    except PeerError as error:
        raise PeerUnusable(f"The versions of the peer cannot be read: {error.message}") from error
    except ParametersInvalid as error:
        raise PeerUnusable(f"The versions of the peer are wrong: {error.message}") from error
    if not any(identifier == "credentials" for identifier, _, _ in endpoints):
        raise EndpointsMissing("The peer has no credentials endpoint.")
    return Peer(client.version, endpoints, client)


def _is_details(data: Any) -> bool:
    """True where the address leads to one version's details at once, as that of document 002 does."""
    return isinstance(data, dict) and "endpoints" in data


def _details(
    client: PartnerClient, data: Any, version: str | None, role: str
) -> tuple[PartnerClient, tuple[tuple[str, str, str], ...]]:
    named = data.get("version") if isinstance(data, dict) else ""
    spoken = client.version or canonical(str(named))
    if spoken not in SUPPORTED or (version and spoken != version):
        raise VersionUnsupported("There is no OCPI version that both sides speak.")
    return replace(client, version=spoken), _endpoints(data, spoken, role)


def _knock(client: PartnerClient, url: str) -> tuple[PartnerClient, PeerAnswer]:
    """GET of a configuration address; the form of the token that worked is kept where it was open."""
    try:
        return client, client.call("GET", url, module="versions")
    except PeerRefused as error:
        if client.form or error.http_status != 401:
            raise
    other = replace(client, form=OTHER_FORM[client.written_as])
    return other, other.call("GET", url, module="versions")


def _list(data: Any) -> list[dict[str, Any]]:
    if not isinstance(data, list) or len(data) > MOST_ENDPOINTS:
        raise ParametersInvalid("The versions are no list.")
    return [VERSION.parse(item, V221) for item in data]


def _choose(offered: list[dict[str, Any]], version: str | None) -> dict[str, Any]:
    wanted = version or highest_common([canonical(item["version"]) for item in offered])
    for item in offered:
        if canonical(item["version"]) == wanted:
            return item
    raise VersionUnsupported("There is no OCPI version that both sides speak.")


def _endpoints(details: Any, version: str, role: str) -> tuple[tuple[str, str, str], ...]:
    parsed = VERSION_DETAILS.parse(details, version)
    if len(parsed["endpoints"]) > MOST_ENDPOINTS:
        raise ParametersInvalid("There are too many endpoints.")
    return tuple(
        (item["identifier"], _side(item, version, role), item["url"]) for item in parsed["endpoints"]
    )


def _side(endpoint: dict[str, Any], version: str, role: str) -> str:
    if version in SPLIT_BY_ROLE:
        return side_of(endpoint["identifier"], role)
    return str(endpoint["role"])
