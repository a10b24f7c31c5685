"""The views: versions, version details, and every endpoint of every module."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from ocpi.api.exchange import Exchange, answer
from ocpi.core.configuration import VERSION, VERSION_DETAILS
from ocpi.core.errors import MethodRefused, ObjectUnknown, TokenUnknown
from ocpi.core.modules import Call, Interface, Reply, offered
from ocpi.core.versions import SUPPORTED
from ocpi.selectors.identity import Identity, identity_of
from ocpi.services.access import access_confirm


@csrf_exempt
def versions(request: HttpRequest, slug: str | None = None) -> HttpResponse:
    """GET the versions that this organisation speaks (OCPI 2.2.1 §6.1)."""
    return answer(request, slug, timezone.now(), _versions)


@csrf_exempt
def details(request: HttpRequest, version: str, slug: str | None = None) -> HttpResponse:
    """GET the endpoints of one version (OCPI 2.2.1 §6.2), built from what the modules announced."""
    return answer(request, slug, timezone.now(), lambda exchange: _details(exchange, version))


@csrf_exempt
def endpoint(request: HttpRequest, version: str, path: str, slug: str | None = None) -> HttpResponse:
    """Any method on any endpoint of a module."""
    return answer(request, slug, timezone.now(), lambda exchange: _endpoint(exchange, version, path))


def _versions(exchange: Exchange) -> Reply:
    _only_get(exchange)
    base = identity_of(exchange.organization).base_url
    return Reply(
        [VERSION.render({"version": name, "url": f"{base}/{name}"}, SUPPORTED[-1]) for name in SUPPORTED]
    )


def _details(exchange: Exchange, version: str) -> Reply:
    _only_get(exchange)
    _check_version(version)
    identity = identity_of(exchange.organization)
    endpoints = [
        {"identifier": item.identifier, "role": item.side, "url": _url(identity, version, item)}
        for item in offered(version, identity.roles)
    ]
    return Reply(VERSION_DETAILS.render({"version": version, "endpoints": endpoints}, version))


def _endpoint(exchange: Exchange, version: str, path: str) -> Reply:
    _check_version(version)
    identity = identity_of(exchange.organization)
    parts = path.strip("/").split("/")
    interface = _interface(identity, version, parts)
    if interface is None:
        _refuse_strangers(exchange)
        raise ObjectUnknown("There is nothing at this address.")
    exchange.module, exchange.routed = interface.identifier, interface.needs_partner
    if interface.needs_partner or exchange.partner is not None:
        access_confirm(access=exchange.access, now=exchange.now)
    if interface.needs_partner:
        exchange.check_parties()
    rest = parts[len(interface.path.split("/")) :]
    handler, params = interface.find(exchange.request.method or "", rest)
    url = "/".join([_url(identity, version, interface), *rest])
    return handler(_call(exchange, version, url, params))


def _call(exchange: Exchange, version: str, url: str, params: dict[str, str]) -> Call:
    return Call(
        organization=exchange.organization,
        partner=exchange.partner,
        bootstrap=exchange.access.bootstrap,
        token=exchange.access.token,
        version=version,
        method=exchange.request.method or "",
        url=url,
        params=params,
        query=exchange.request.GET.dict(),
        body=exchange.body(),
        parties=exchange.parties,
        now=exchange.now,
    )


def _interface(identity: Identity, version: str, parts: list[str]) -> Interface | None:
    for item in offered(version, identity.roles):
        wanted = item.path.split("/")
        if parts[: len(wanted)] == wanted:
            return item
    return None


def _url(identity: Identity, version: str, interface: Interface) -> str:
    return f"{identity.base_url}/{version}/{interface.path}"


def _refuse_strangers(exchange: Exchange) -> None:
    """Token A opens versions and credentials only, whatever else it is held against (§4.1.2)."""
    if exchange.partner is None:
        raise TokenUnknown("The token does not open this.")


def _check_version(version: str) -> None:
    if version not in SUPPORTED:
        raise ObjectUnknown("This version is not spoken here.")


def _only_get(exchange: Exchange) -> None:
    if exchange.request.method != "GET":
        raise MethodRefused("Only GET is possible here.")
