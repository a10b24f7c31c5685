"""The registry of modules: each side announces itself, version details and routing are built from that."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from ocpi.core import leniency
from ocpi.core.client import PartnerClient
from ocpi.core.envelope import ABSENT
from ocpi.core.errors import MethodRefused, ObjectUnknown
from ocpi.core.fields import Schema
from ocpi.core.routing import Parties
from ocpi.core.versions import covers
from ocpi.models import BootstrapToken, Delivery, Partner
from registry.models import Organization

SENDER, RECEIVER = "SENDER", "RECEIVER"


@dataclass(frozen=True, slots=True)
class Call:
    """One authenticated request: `partner` is None while `bootstrap` or a registration of ours asks."""

    organization: Organization
    partner: Partner | None
    bootstrap: BootstrapToken | None
    token: str
    version: str
    method: str
    url: str
    """The absolute address of the endpoint, without query."""
    params: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    parties: Parties
    now: datetime
    role: str = ""
    """Our role that was asked, where the address names one: always in 2.1.1."""
    anonymous: bool = False
    """True for a registration without any token (OCPI_OPEN_REGISTRATION)."""

    @property
    def peer(self) -> Partner:
        """The partner; functional modules are never reached without one."""
        if self.partner is None:
            raise ObjectUnknown("Nobody is registered here.")
        return self.partner

    def read(self, schema: Schema, *, needed: Sequence[str] = (), partial: bool = False) -> dict[str, Any]:
        """The body by the partner's leniency profile, deviations written down (ocpi/core/leniency.py)."""
        return leniency.read(
            self.peer, schema, self.body, self.version, self.now, needed=needed, partial=partial
        )


@dataclass(frozen=True, slots=True)
class Reply:
    """What a handler answers: data, HTTP status, headers."""

    data: Any = ABSENT
    http_status: int = 200
    message: str = "Success"
    headers: Mapping[str, str] = field(default_factory=dict)
    status_code: int = 1000


Handler = Callable[[Call], Reply]
BODY_OPTIONAL: set[Handler] = set()
"""Handlers that are content without a body."""


@dataclass(frozen=True, slots=True)
class Route:
    """One method on one address below the endpoint; `{name}` takes one segment."""

    method: str
    segments: tuple[str, ...]
    handler: Handler

    def match(self, parts: Sequence[str]) -> dict[str, str] | None:
        """The named segments where the address fits."""
        if len(parts) != len(self.segments):
            return None
        pairs = list(zip(self.segments, parts, strict=True))
        if any(not wanted.startswith("{") and wanted != part for wanted, part in pairs):
            return None
        return {wanted.strip("{}"): part for wanted, part in pairs if wanted.startswith("{")}


class Interface:
    """One side of a module; `roles` name the parties that offer it, empty means everybody."""

    def __init__(
        self,
        identifier: str,
        side: str,
        *,
        roles: Sequence[str] = (),
        since: str | None = None,
        until: str | None = None,
        needs_partner: bool = True,
    ) -> None:
        self.identifier, self.side, self.roles = identifier, side, frozenset(roles)
        self.since, self.until, self.needs_partner = since, until, needs_partner
        self.routes: list[Route] = []
        if (identifier, side) in INTERFACES:
            raise ImproperlyConfigured(f"OCPI module {identifier} {side} is announced twice.")
        INTERFACES[identifier, side] = self

    def on(
        self, method: str, pattern: str = "", *, body_optional: bool = False
    ) -> Callable[[Handler], Handler]:
        """Register a handler for `method` on `pattern` ("{country_code}/{party_id}/{session_id}").

        With `body_optional` a request without a body has None for it instead of being refused.
        """
        segments = tuple(part for part in pattern.split("/") if part)

        def register(handler: Handler) -> Handler:
            self.routes.append(Route(method, segments, handler))
            if body_optional:
                BODY_OPTIONAL.add(handler)
            return handler

        return register

    def find(self, method: str, parts: Sequence[str]) -> tuple[Handler, dict[str, str]]:
        """The handler of an address; raises ObjectUnknown (404) or MethodRefused (405)."""
        fitting = [(route, params) for route in self.routes if (params := route.match(parts)) is not None]
        for route, params in fitting:
            if route.method == method:
                return route.handler, params
        if fitting:
            raise MethodRefused(
                f"{method} is not possible here.", *dict.fromkeys(route.method for route, _ in fitting)
            )
        raise ObjectUnknown("There is nothing at this address.")

    def offered(self, version: str, roles: Sequence[str]) -> bool:
        """True where an organisation with these roles has this side in this version."""
        return covers(version, self.since, self.until) and (
            not self.roles or not self.roles.isdisjoint(roles)
        )

    @property
    def path(self) -> str:
        """Where it lies below the version: the side keeps both lists of a module apart."""
        return f"{self.side.lower()}/{self.identifier}" if self.roles else self.identifier


INTERFACES: dict[tuple[str, str], Interface] = {}
Pusher = Callable[[Delivery, PartnerClient], str]
PUSHERS: dict[str, Pusher] = {}


def pusher(identifier: str) -> Callable[[Pusher], Pusher]:
    """Register how an object of a module is pushed: sends it, answers its address at the partner or ""."""

    def register(push: Pusher) -> Pusher:
        if identifier in PUSHERS:
            raise ImproperlyConfigured(f"OCPI module {identifier} has two ways to push.")
        PUSHERS[identifier] = push
        return push

    return register


@dataclass(frozen=True, slots=True)
class Arrival:
    """One object out of a partner's list, of OCPI `version`."""

    partner: Partner
    version: str
    body: Any
    now: datetime

    def read(self, schema: Schema, *, needed: Sequence[str] = (), partial: bool = False) -> dict[str, Any]:
        """The object by the partner's leniency profile (ocpi/core/leniency.py)."""
        return leniency.read(
            self.partner, schema, self.body, self.version, self.now, needed=needed, partial=partial
        )


Storer = Callable[[Arrival], bool]
STORERS: dict[str, Storer] = {}


def storer(identifier: str) -> Callable[[Storer], Storer]:
    """Register how an object that was pulled is kept: True where it is new; raises DomainError."""

    def register(store: Storer) -> Storer:
        if identifier in STORERS:
            raise ImproperlyConfigured(f"OCPI module {identifier} has two ways to keep what was pulled.")
        STORERS[identifier] = store
        return store

    return register


def offered(version: str, roles: Sequence[str]) -> list[Interface]:
    """What version details list, in a fixed order."""
    return [INTERFACES[key] for key in sorted(INTERFACES) if INTERFACES[key].offered(version, roles)]
