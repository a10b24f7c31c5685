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
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from ssl import SSLContext
from typing import Any
from urllib.parse import urlsplit

import httpcore2
from django.conf import settings

TIME_LIMIT = 10.0
SIZE_LIMIT = 5 * 1024 * 1024
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

    @property
    def url(self) -> httpcore2.URL:
        """The URL as the HTTP library wants it: from parts, so that it is read only once."""
        return httpcore2.URL(scheme=self.scheme, host=self.host, port=self.port, target=self.path)


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
    target = resolve(url, plain=plain)
    backend = _PinnedBackend(target.addresses, time.monotonic() + limit)
    wanted = {"Accept-Encoding": "identity", "Connection": "close", **headers}
    context = _tls() if target.scheme == "https" else None
    try:
        with (
            httpcore2.ConnectionPool(ssl_context=context, network_backend=backend) as pool,
            pool.stream(method, target.url, headers=list(wanted.items()), content=content) as response,
        ):
            return _read(response)
    except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
        raise EgressUnreachable(f"{target.host} does not answer.") from error
    except (httpcore2.NetworkError, httpcore2.TimeoutException, httpcore2.ProtocolError, OSError) as error:
        raise EgressBroken(f"{target.host} gave no whole answer ({type(error).__name__}).") from error


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


class _PinnedStream(httpcore2.NetworkStream):
    """A stream whose every operation must fit into what is left of one deadline."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: float) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._deadline, httpcore2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._deadline, httpcore2.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        left = _left(self._deadline, httpcore2.ConnectTimeout)
        return _PinnedStream(self._stream.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _PinnedBackend(httpcore2.NetworkBackend):
    """Connects to the addresses that were checked, in turn, whatever the name would resolve to by now."""

    def __init__(self, addresses: Sequence[str], deadline: float) -> None:
        self._addresses, self._deadline = addresses, deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        failure: Exception | None = None
        for address in self._addresses:
            left = _left(self._deadline, httpcore2.ConnectTimeout)
            try:
                stream = httpcore2.SyncBackend().connect_tcp(address, port, left, None, socket_options)
            except httpcore2.ConnectError as error:
                failure = error
            else:
                return _PinnedStream(stream, self._deadline)
        raise failure or httpcore2.ConnectError("no address")


def _left(deadline: float, error: type[Exception]) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise error("out of time")
    return left
