"""One request of a partner, from the socket to the answer: token, module, ids, routing, envelope, log."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import structlog
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse

from central.services.prepared import Prepared
from emobility.lib.errors import DomainError, TooMany
from ocpi.core import auth, journal, leniency
from ocpi.core.envelope import ABSENT, load, wrap
from ocpi.core.errors import (
    BodyTooLarge,
    MethodRefused,
    OcpiError,
    ParametersInvalid,
    ServerFault,
    TokenUnknown,
    legacy_status,
    status_in,
    translate,
)
from ocpi.core.figures import call_count
from ocpi.core.modules import Reply
from ocpi.core.routing import MessageIds, Parties
from ocpi.core.versions import ALIASES, canonical, has_message_ids
from ocpi.models import Partner
from ocpi.models.deviation import Sloppiness
from ocpi.selectors.identity import ROLE_SEGMENTS, identity_of
from ocpi.services.access import Access, access_identify, caller_known
from ocpi.services.rates import refusal_is_news, request_count
from registry.models import Organization

log = structlog.get_logger(__name__)
NO_STORE = {"Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class Place:
    """What an address names before the module: organisation, role as `cpo` or `emsp`, version as written.

    `open` is True where a caller without a token may be let in.
    """

    slug: str | None = None
    segment: str | None = None
    written: str = ""
    open: bool = False

    @property
    def role(self) -> str:
        """The role as OCPI writes it, or ""."""
        return ROLE_SEGMENTS.get(self.segment or "", "")

    @property
    def version(self) -> str:
        """The version as we spell it."""
        return canonical(self.written)

    def told(self, error: OcpiError) -> int:
        """The status number of a refusal: the version's, or document 002's below its own addresses."""
        if settings.OCPI_LEGACY_STATUS_CODES and self.written in ALIASES:
            return legacy_status(error)
        return status_in(self.version, error.status_code)


@dataclass(slots=True)
class Exchange:
    """A request while it is answered; `role` is ours where the address names it."""

    request: HttpRequest
    organization: Organization
    access: Access
    ids: MessageIds
    parties: Parties
    now: datetime
    version: str = ""
    role: str = ""
    module: str = "versions"
    routed: bool = False

    @property
    def partner(self) -> Partner | None:
        """The registered partner, if it is one."""
        return self.access.partner

    def body(self, *, optional: bool = False) -> Any:
        """The parsed body of POST, PUT and PATCH; raises BodyUnreadable (400) or BodyTooLarge (413).

        With `optional` no body is None.
        """
        if self.request.method not in {"POST", "PUT", "PATCH"}:
            return None
        try:
            if optional and not self.request.body.strip():
                return None
            return load(self.request.body)
        except RequestDataTooBig as error:
            raise BodyTooLarge("The body is too large.") from error

    def check_manners(self) -> None:
        """What the message lacks of its version's transport, by the partner's profile; 401 or 2001."""
        partner = self.partner
        if partner is None:
            return
        said = f"{self.request.method} {self.module}"
        if self.access.form != auth.form_of(self.version):
            try:
                leniency.meet(partner, Sloppiness.TOKEN_FORM, f"{said}: {self.access.form}", self.now)
            except ParametersInvalid as error:
                raise TokenUnknown("The token is not written as this version wants it.") from error
        if has_message_ids(self.version) and not self.ids.given:
            leniency.meet(partner, Sloppiness.MESSAGE_IDS, said, self.now)
        if has_message_ids(self.version) and self.routed and not self.parties.complete:
            leniency.meet(partner, Sloppiness.ROUTING_HEADERS, said, self.now)

    def check_parties(self) -> None:
        """FROM must be the partner's own party, TO ours (a hub may speak for others); raises 2001."""
        partner = self.partner
        if partner is None or partner.is_hub:
            return
        known = {(role["country_code"].upper(), role["party_id"].upper()) for role in partner.roles}
        country_code, party_id = self.parties.sender
        if party_id and (country_code.upper(), party_id.upper()) not in known:
            raise ParametersInvalid("OCPI-from names a party that is not yours.")
        country_code, party_id = self.parties.to
        if party_id and (country_code.upper(), party_id.upper()) != identity_of(self.organization).party:
            raise ParametersInvalid("OCPI-to names a party that is not here.")

    def routing_headers(self) -> dict[str, str]:
        """The routing headers of the answer: to and from swapped, gaps of the request filled."""
        if not self.routed or self.partner is None or not has_message_ids(self.version):
            return {}
        to, sender = self.parties.sender, self.parties.to
        own = identity_of(self.organization).party
        theirs = (self.partner.country_code, self.partner.party_id)
        return Parties(to if all(to) else theirs, sender if all(sender) else own).headers()


def answer(
    request: HttpRequest, place: Place, now: datetime, handle: Callable[[Exchange], Reply]
) -> HttpResponse:
    """Identify the caller, let `handle` work, wrap what it says; every way out has envelope and ids."""
    ids = MessageIds.read(request.headers)
    started = time.monotonic()
    try:
        organization, access = _caller(request.headers.get("Authorization", ""), place, now)
    except DomainError as error:
        log.warning("ocpi.refused", path=request.path, reason=error.message)
        return _response(_refusal(error, place), ids, now, place.version)[0]
    parties = Parties.read(request.headers)
    exchange = Exchange(request, organization, access, ids, parties, now, place.version, place.role)
    _name_in_logs(exchange)
    reply, code = _guarded(exchange, place, handle)
    response, body = _response((reply, code), ids, now, place.version, exchange.routing_headers())
    if response.status_code == 429 and not _is_news(exchange):
        return response
    _write(exchange, response.status_code, code, body, int((time.monotonic() - started) * 1000))
    return response


def _caller(header: str, place: Place, now: datetime) -> tuple[Organization, Access]:
    """Who is asked, and who asks; raises TokenUnknown (401)."""
    known = caller_known(slug=place.slug, header=header, now=now)
    if known is not None and known.row is not None:
        return known.row.organization, known
    organization = _organization(place.slug)
    return organization, access_identify(
        organization=organization, header=header, anonymous=place.open, now=now
    )


def _name_in_logs(exchange: Exchange) -> None:
    """Whatever is logged while this request is served names the partner and its ids."""
    structlog.contextvars.bind_contextvars(
        partner_id=exchange.partner and exchange.partner.pk,
        correlation_id=exchange.ids.correlation_id,
        ocpi_request_id=exchange.ids.request_id,
    )


def _organization(slug: str | None) -> Organization:
    found: list[Organization] = _by_slug.rows(slug=slug) if slug else _default.rows()
    if not found:
        raise TokenUnknown("The token is missing or not known.")
    return found[0]


_by_slug: Final = Prepared(lambda slug: Organization.objects.filter(slug=slug).order_by("pk"))
_default: Final = Prepared(lambda: Organization.objects.filter(is_default=True).order_by("pk"))


def _guarded(exchange: Exchange, place: Place, handle: Callable[[Exchange], Reply]) -> tuple[Reply, int]:
    try:
        if exchange.partner is not None:
            request_count(partner=exchange.partner, now=exchange.now)
        reply = handle(exchange)
    except DomainError as error:
        return _refusal(error, place)
    except Exception:
        log.exception("ocpi.failed", path=exchange.request.path, module=exchange.module)
        return _refusal(ServerFault("The request could not be processed."), place)
    return reply, reply.status_code


def _is_news(exchange: Exchange) -> bool:
    """Whether a request beyond the limit is written down; each one is counted."""
    if exchange.partner is not None and refusal_is_news(partner=exchange.partner):
        return True
    call_count(outgoing=False, module=exchange.module, http_status=429, status_code=None)
    return False


def _refusal(error: DomainError, place: Place) -> tuple[Reply, int]:
    told: OcpiError = translate(error)
    headers = {"WWW-Authenticate": "Token"} if told.http_status == 401 else {}
    if isinstance(told, MethodRefused):
        headers["Allow"] = ", ".join(told.allowed)
    if isinstance(error, TooMany):
        headers["Retry-After"] = str(error.retry_after)
    return Reply(ABSENT, told.http_status, told.message, headers), place.told(told)


def _response(
    said: tuple[Reply, int],
    ids: MessageIds,
    now: datetime,
    version: str,
    routing: dict[str, str] | None = None,
) -> tuple[HttpResponse, bytes]:
    reply, code = said
    body = wrap(reply.data, code, str(reply.message), now)
    named = ids.headers() if ids.given or has_message_ids(version) else {}
    headers = {**NO_STORE, **reply.headers, **named, **(routing or {})}
    return HttpResponse(body, "application/json", reply.http_status, headers=headers), body


def _write(exchange: Exchange, http_status: int, code: int, body: bytes, duration_ms: int) -> None:
    request = exchange.request
    journal.write(
        journal.Record(
            exchange.organization,
            False,
            request.method or "",
            request.get_full_path(),
            exchange.ids,
            exchange.now,
            exchange.partner,
            exchange.module,
            request_body=_sent(request),
            response_body=journal.readable(body),
            http_status=http_status,
            status_code=code,
            duration_ms=duration_ms,
            handshake=exchange.access.handshake,
        )
    )


def _sent(request: HttpRequest) -> Any:
    try:
        return journal.readable(request.body)
    except RequestDataTooBig:
        return {"left_out": "too large"}
