"""Outgoing HTTP to addresses that others gave us: what may be reached, how long, and how much may come back.

https only, no loopback, private, link-local or metadata address unless EGRESS_ALLOW_HOSTS names it, plain
http only with EGRESS_ALLOW_HTTP (development). A name is resolved once and the connection goes to an address
that was checked, while Host and TLS keep the name. No redirects, no proxies from the environment, 10 s for
everything, 5 MiB.

EgressError
 ├── EgressRefused      the rules forbid the address: nothing was sent
 ├── EgressUnreachable  no connection came about: nothing was sent
 └── EgressBroken       the request may have arrived, but no whole answer came back
"""

import re
import socket
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from ssl import SSLContext
from urllib.parse import urlsplit

import httpcore2
from django.conf import settings

from emobility.lib.egress_pins import Deadline, PinnedBackend

TIME_LIMIT = 10.0
SIZE_LIMIT = 5 * 1024 * 1024
KEPT_SECONDS = 4.0
"""So long a line stays open unused: shorter than what servers commonly grant."""
HOST_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_][a-z0-9_-]{0,62})*\.?\Z")
UNSAFE = re.compile(r"[^\x21-\x7e]|\\")
NAT64 = ip_network("64:ff9b::/96")
PORTS = {"https": 443, "http": 80}
Address = IPv4Address | IPv6Address


class EgressError(Exception):
    """Base of what goes wrong on the way out; the text names no secret."""


class EgressRefused(EgressError):
    """The rules forbid this address; nothing was sent."""


class EgressUnreachable(EgressError):
    """No connection came about; nothing was sent."""


class EgressBroken(EgressError):
    """The request may have arrived, but no whole answer came back in time and size."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, headers by lower-case name, body of at most 5 MiB."""

    status: int
    headers: Mapping[str, str]
    content: bytes


@dataclass(frozen=True, slots=True)
class Target:
    """A checked URL with the addresses that it may be reached at."""

    scheme: str
    host: str
    port: int
    path: str
    addresses: tuple[str, ...]


def check_form(url: str, *, plain: bool = False) -> tuple[str, str, int, str]:
    """Scheme, host, port and path of `url`; raises EgressRefused where its form is not allowed.

    `plain` allows http: for what is signed itself, such as OCSP answers and revocation lists.
    """
    if UNSAFE.search(url):
        raise EgressRefused("The URL holds characters that do not belong there.")
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError as error:
        raise EgressRefused("The URL cannot be read.") from error
    if parts.scheme != "https" and not (parts.scheme == "http" and (plain or settings.EGRESS_ALLOW_HTTP)):
        raise EgressRefused("Only https is allowed.")
    if "@" in parts.netloc or parts.fragment:
        raise EgressRefused("A user name or a fragment in the URL is not allowed.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return parts.scheme, _host(parts.hostname or ""), port, path


def resolve(url: str, *, plain: bool = False) -> Target:
    """Check `url` and look its name up, once; raises EgressRefused or EgressUnreachable."""
    scheme, host, port, path = check_form(url, plain=plain)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise EgressUnreachable(f"The name {host} is not known.") from error
    addresses = tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
    for address in addresses:
        if not _allowed(host, port, address):
            raise EgressRefused(f"The address of {host} is not a public one.")
    return Target(scheme, host, port, path, addresses)


def request(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    content: bytes | None = None,
    limit: float = TIME_LIMIT,
    plain: bool = False,
) -> Answer:
    """Send one request, read the whole answer; raises an EgressError. Redirects are not followed.

    `plain`: http will do, because the answer is signed.
    """
    with Line() as line:
        wanted = {"Connection": "close", **headers}
        return line.request(method, url, headers=wanted, content=content, limit=limit, plain=plain)


class Line:
    """Keeps the connection to one place for the next request there; for one thread, and for a short while.

    Closed lines are opened anew by the next request.
    """

    def __init__(self) -> None:
        self._target: Target | None = None
        self._pool: httpcore2.ConnectionPool | None = None
        self._deadline = Deadline()

    def __enter__(self) -> "Line":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connection."""
        if self._pool is not None:
            self._pool.close()
        self._pool = self._target = None

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        content: bytes | None = None,
        limit: float = TIME_LIMIT,
        plain: bool = False,
    ) -> Answer:
        """Like `request`, on the connection that is open where it leads to the same place."""
        place, path = self._place(url, plain)
        # From parts, so that the URL is read only once.
        target = httpcore2.URL(scheme=place.scheme, host=place.host, port=place.port, target=path)
        self._deadline.at = time.monotonic() + limit
        wanted = {"Accept-Encoding": "identity", **headers}
        try:
            pool = self._open(place)
            with pool.stream(method, target, headers=list(wanted.items()), content=content) as response:
                return _read(response)
        except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
            self.close()
            raise EgressUnreachable(f"{place.host} does not answer.") from error
        except (
            httpcore2.NetworkError,
            httpcore2.TimeoutException,
            httpcore2.ProtocolError,
            OSError,
        ) as error:
            self.close()
            raise EgressBroken(f"{place.host} gave no whole answer ({type(error).__name__}).") from error

    def _place(self, url: str, plain: bool) -> tuple[Target, str]:
        """The checked place that a URL leads to: looked up once as long as the line stays open."""
        scheme, host, port, path = check_form(url, plain=plain)
        known = self._target
        if known is None or (known.scheme, known.host, known.port) != (scheme, host, port):
            self.close()
            known = self._target = resolve(url, plain=plain)
        return known, path

    def _open(self, place: Target) -> httpcore2.ConnectionPool:
        if self._pool is None:
            context = _tls() if place.scheme == "https" else None
            backend = PinnedBackend(place.addresses, self._deadline)
            self._pool = httpcore2.ConnectionPool(
                ssl_context=context, network_backend=backend, max_connections=1, keepalive_expiry=KEPT_SECONDS
            )
        return self._pool


def _read(response: httpcore2.Response) -> Answer:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
    if headers.get("content-encoding", "identity").lower() not in {"identity", ""}:
        raise EgressBroken("The answer is compressed although we asked for none.")
    content = bytearray()
    for chunk in response.iter_stream():
        content += chunk
        if len(content) > SIZE_LIMIT:
            raise EgressBroken("The answer is larger than 5 MiB.")
    return Answer(response.status, headers, bytes(content))


def _host(name: str) -> str:
    try:
        return str(ip_address(name))
    except ValueError:
        pass
    if not HOST_NAME.match(name):
        raise EgressRefused("The URL names no host.")
    return name


def _allowed(host: str, port: int, text: str) -> bool:
    address = ip_address(text.partition("%")[0])
    if any(_named(entry, host, port, address) for entry in settings.EGRESS_ALLOW_HOSTS):
        return True
    return all(part.is_global and not part.is_multicast for part in _faces(address))


def _faces(address: Address) -> Iterable[Address]:
    """The address and the IPv4 address inside it, where it is only a wrapping."""
    yield address
    if isinstance(address, IPv6Address):
        inner = (address.ipv4_mapped, address.sixtofour, *(address.teredo or ()))
        yield from (part for part in inner if part is not None)
        if address in NAT64:
            yield IPv4Address(int(address) & 0xFFFFFFFF)


def _named(entry: str, host: str, port: int, address: Address) -> bool:
    """True where an entry of the allow list (host, host:port, address or CIDR) means this place."""
    name, wanted_port = _split_entry(entry)
    if wanted_port and wanted_port != port:
        return False
    if name.lower() == host:
        return True
    try:
        return address in ip_network(name, strict=False)
    except ValueError:
        return False


def _split_entry(entry: str) -> tuple[str, int]:
    match = re.fullmatch(r"\[?(.*?)\]?:(\d{1,5})", entry)
    if match and (entry.startswith("[") or entry.count(":") == 1):
        return match[1], int(match[2])
    return entry.strip("[]"), 0


@lru_cache(maxsize=1)
def _tls() -> SSLContext:
    return httpcore2.default_ssl_context()
