"""Who may open a live socket, and whether he still may: cookie with Origin, ticket, or Bearer header.

A browser sends its cookies from any page, hence the Origin check. A ticket was asked for by REST, and no page
can add a header to a WebSocket: those two prove by themselves that the caller wants it.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import SESSION_KEY, get_user
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.http.cookie import parse_cookie
from django.http.request import validate_host
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.settings import api_settings

from central.consumers.authentication import Refused
from emobility.lib.errors import DomainError, TooMany, Unauthenticated
from registry.models import User
from registry.rights import Right, may
from registry.services.addresses import client_address
from registry.services.service_keys import keys_ended
from registry.services.throttle import failures_limited
from registry.services.tickets import ticket_use

TICKET: Final = "ticket."
BEARER, COOKIE, TICKETED = "bearer", "cookie", "ticket"
LOGIN: Final = "live socket"
"""Under this name wrong tickets and headers of an address are counted."""


@dataclass(frozen=True, slots=True)
class Pass:
    """What a socket was opened by: `proof` is a session's key or a header.

    `seal` changes with what ends all logins, the password above all; `since` is when it was proved.
    """

    user_id: int
    way: str
    proof: str = field(repr=False)
    seal: str = field(repr=False)
    address: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Call:
    """A handshake as it arrived: what it shows, and from where."""

    address: str
    origin: str | None
    authorization: str = field(repr=False)
    ticket: str = field(repr=False)
    session_key: str = field(repr=False)


def call_of(scope: Any) -> Call:
    """Read a WebSocket scope."""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    offered = (name for name in scope["subprotocols"] if name.startswith(TICKET))
    return Call(
        client_address(str((scope.get("client") or ("",))[0]), headers.get("x-forwarded-for", "")),
        headers.get("origin"),
        headers.get("authorization", "") or _as_bearer(headers.get("x-api-key", "")),
        next(offered, "").removeprefix(TICKET),
        parse_cookie(headers.get("cookie", "")).get(settings.SESSION_COOKIE_NAME, ""),
    )


def _as_bearer(api_key: str) -> str:
    return f"Bearer {api_key}" if api_key else ""


def admit(call: Call, rights: Collection[Right], now: datetime) -> tuple[User, Pass]:
    """Who calls, if he has one of `rights`. Sync, reads the database. Raises Refused: 401, 403, 429."""
    try:
        user, shown = _proved(call, now)
    except TooMany as error:
        raise Refused(429) from error
    except (DomainError, APIException) as error:
        raise Refused(401) from error
    if not any(may(user, right) for right in rights):
        raise Refused(403)
    return _whole(user), shown


def _whole(user: User) -> User:
    """With what the event loop, which may not ask the database, will want to know."""
    _ = user.sites_held
    return user


def passes_hold(passes: Collection[Pass], now: datetime) -> dict[Pass, User]:
    """The passes that still hold, with who they belong to as he is now, his rights read along."""
    users = User.objects.select_related("serviceaccount").in_bulk({each.user_id for each in passes})
    ended = keys_ended(account_ids={each.user_id for each in passes if each.way == TICKETED}, now=now)
    keys = {each.proof for each in passes if each.way == COOKIE}
    alive = set(
        Session.objects.filter(session_key__in=keys, expire_date__gt=now).values_list(
            "session_key", flat=True
        )
    )
    return {
        each: _whole(users[each.user_id])
        for each in passes
        if each.user_id in users
        and _holds(each, users[each.user_id], alive)
        and not _key_is_gone(each, ended.get(each.user_id))
    }


def _proved(call: Call, now: datetime) -> tuple[User, Pass]:
    if call.ticket:
        with failures_limited(address=call.address, cp_id=LOGIN):
            user, since = ticket_use(ticket=call.ticket, now=now)
        return user, _pass(user, TICKETED, "", call, since)
    if call.authorization and call.origin is None:
        with failures_limited(address=call.address, cp_id=LOGIN):
            user = _by_header(call.authorization, call.address)
        return user, _pass(user, BEARER, call.authorization, call, now)
    if call.origin is None and not call.session_key:
        raise Unauthenticated("Nothing is shown.")
    if not is_own_origin(call.origin):
        raise Refused(403)
    user = _by_session(call.session_key)
    return user, _pass(user, COOKIE, call.session_key, call, now)


def _pass(user: User, way: str, proof: str, call: Call, since: datetime) -> Pass:
    return Pass(user.pk, way, proof, _seal(user, way), call.address, since)


def _seal(user: User, way: str) -> str:
    """A ticket, which proves nothing again, ends where all tokens are ended as well."""
    seal: str = user.get_session_auth_hash()
    return f"{seal} {user.token_version}" if way == TICKETED else seal


def _key_is_gone(each: Pass, ended_at: datetime | None) -> bool:
    """True where a machine came by ticket, and a key of its ended since: that may be the one it came with."""
    return each.way == TICKETED and ended_at is not None and ended_at >= each.since


def is_own_origin(origin: str | None) -> bool:
    """True for a page of ours (ALLOWED_HOSTS); none at all, and `null`, are not ours."""
    host = urlsplit(origin or "").hostname or ""
    return bool(host) and validate_host(f"[{host}]" if ":" in host else host, settings.ALLOWED_HOSTS)


def _by_header(authorization: str, address: str) -> User:
    """As REST does it, by every way but the session. Raises Unauthenticated, APIException, DomainError."""
    plain = HttpRequest()
    plain.META = {"HTTP_AUTHORIZATION": authorization, "REMOTE_ADDR": address}
    request = Request(plain)
    kinds: Any = api_settings.DEFAULT_AUTHENTICATION_CLASSES
    for kind in kinds:
        if issubclass(kind, SessionAuthentication):
            continue
        try:
            found = kind().authenticate(request)
        except APIException as error:
            raise Unauthenticated("Wrong credentials.") from error
        if found is not None and isinstance(found[0], User):
            return found[0]
    raise Unauthenticated("No credentials.")


def _by_session(key: str) -> User:
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(key or None)
    user = get_user(request) if key and SESSION_KEY in request.session else None
    if not isinstance(user, User):
        raise Unauthenticated("Nobody is logged in.")
    return user


def _holds(each: Pass, user: User, alive: set[str]) -> bool:
    if not user.is_active or _seal(user, each.way) != each.seal:
        return False
    if each.way == COOKIE:
        return each.proof in alive
    return each.way != BEARER or _still_proves(each)


def _still_proves(each: Pass) -> bool:
    try:
        return _by_header(each.proof, each.address).pk == each.user_id
    except (DomainError, APIException):
        return False
