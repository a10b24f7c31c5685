"""The views: versions, version details, and every endpoint of every module."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from ocpi.api.exchange import Exchange, Place, answer
from ocpi.core.configuration import VERSION, VERSION_DETAILS
from ocpi.core.errors import MethodRefused, ObjectUnknown, TokenUnknown
from ocpi.core.modules import BODY_OPTIONAL, Call, Interface, Reply, offered
from ocpi.core.roles import only_role, root
from ocpi.core.routing import CONFIGURATION
from ocpi.core.versions import SPLIT_BY_ROLE, SUPPORTED, V221
from ocpi.selectors.identity import Identity, identity_of
from ocpi.services.access import access_confirm


@csrf_exempt
def versions(request: HttpRequest, slug: str | None = None, role: str | None = None) -> HttpResponse:
    """GET the versions that this organisation speaks (OCPI 2.2.1 §6.1)."""
    return answer(request, Place(slug, role), timezone.now(), _versions)


@csrf_exempt
def details(
    request: HttpRequest, version: str, slug: str | None = None, role: str | None = None
) -> HttpResponse:
    """GET the endpoints of one version (OCPI 2.2.1 §6.2), built from what the modules announced."""
    return answer(request, Place(slug, role, version), timezone.now(), _details)


@csrf_exempt
def endpoint(
    request: HttpRequest, version: str, path: str, slug: str | None = None, role: str | None = None
) -> HttpResponse:
    """Any method on any endpoint of a module."""
    is_registration = request.method == "POST" and path.strip("/") == "credentials"
    place = Place(slug, role, version, open=is_registration and settings.OCPI_OPEN_REGISTRATION)
    return answer(request, place, timezone.now(), lambda exchange: _endpoint(exchange, path))


def _versions(exchange: Exchange) -> Reply:
    _only_get(exchange)
    found = identity_of(exchange.organization)
    role = exchange.role or only_role(found.roles)
    return Reply(
        [
            VERSION.render({"version": name, "url": f"{root(found, name, role)}/{name}"}, V221)
            for name in SUPPORTED
            if role or name not in SPLIT_BY_ROLE
        ]
    )


def _details(exchange: Exchange) -> Reply:
    _only_get(exchange)
    identity = _spoken(exchange)
    endpoints = [
        {"identifier": item.identifier, "role": item.side, "url": _url(identity, exchange, item)}
        for item in offered(exchange.version, _roles(exchange, identity))
    ]
    found = {"version": exchange.version, "endpoints": endpoints}
    return Reply(VERSION_DETAILS.render(found, exchange.version))


def _endpoint(exchange: Exchange, path: str) -> Reply:
    identity = _spoken(exchange)
    parts = path.strip("/").split("/")
    interface = _interface(identity, exchange, parts)
    if interface is None:
        _refuse_strangers(exchange)
        raise ObjectUnknown("There is nothing at this address.")
    exchange.module = interface.identifier
    exchange.routed = interface.needs_partner and interface.identifier not in CONFIGURATION
    if interface.needs_partner or exchange.partner is not None:
        access_confirm(access=exchange.access, now=exchange.now)
        exchange.check_manners()
    if interface.needs_partner:
        exchange.check_parties()
    rest = parts[len(interface.path.split("/")) :]
    handler, params = interface.find(exchange.request.method or "", rest)
    url = "/".join([_url(identity, exchange, interface), *rest])
    return handler(_call(exchange, url, params, body_optional=handler in BODY_OPTIONAL))


def _call(exchange: Exchange, url: str, params: dict[str, str], *, body_optional: bool) -> Call:
    return Call(
        organization=exchange.organization,
        partner=exchange.partner,
        bootstrap=exchange.access.bootstrap,
        token=exchange.access.token,
        version=exchange.version,
        method=exchange.request.method or "",
        url=url,
        params=params,
        query=exchange.request.GET.dict(),
        body=exchange.body(optional=body_optional),
        parties=exchange.parties,
        now=exchange.now,
        role=exchange.role,
        anonymous=exchange.access.anonymous,
    )


def _interface(identity: Identity, exchange: Exchange, parts: list[str]) -> Interface | None:
    for item in offered(exchange.version, _roles(exchange, identity)):
        wanted = item.path.split("/")
        if parts[: len(wanted)] == wanted:
            return item
    return None


def _roles(exchange: Exchange, identity: Identity) -> tuple[str, ...]:
    """The organisation's roles that this address means."""
    return (exchange.role,) if exchange.role else identity.roles


def _url(identity: Identity, exchange: Exchange, interface: Interface) -> str:
    return f"{root(identity, exchange.version, exchange.role)}/{exchange.version}/{interface.path}"


def _refuse_strangers(exchange: Exchange) -> None:
    """Token A opens versions and credentials only, whatever else it is held against (§4.1.2)."""
    if exchange.partner is None:
        raise TokenUnknown("The token does not open this.")


def _spoken(exchange: Exchange) -> Identity:
    """Who is asked, where the version and the role of the address are ours; raises ObjectUnknown (404)."""
    identity = identity_of(exchange.organization)
    if exchange.version not in SUPPORTED:
        raise ObjectUnknown("This version is not spoken here.")
    if exchange.version in SPLIT_BY_ROLE:
        exchange.role = exchange.role or only_role(identity.roles)
        if not exchange.role:
            raise ObjectUnknown("This version has an address for each role: .../cpo/... and .../emsp/...")
    if exchange.role and exchange.role not in identity.roles:
        raise ObjectUnknown("This role is not played here.")
    return identity


def _only_get(exchange: Exchange) -> None:
    if exchange.request.method != "GET":
        raise MethodRefused("Only GET is possible here.", "GET")
