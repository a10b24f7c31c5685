"""Who calls: the address behind proxies, the actor, the proofs that a registration shows."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.timezone import now
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request

from registry.models import User
from registry.permissions import ChargePointActor, ServiceActor
from registry.services.addresses import client_address, is_loopback_address
from registry.services.admissions import Applicant
from registry.services.certificates import client_certificate_fingerprint
from registry.services.organizations import organization_default

CLIENT_CERTIFICATE_HEADER = "HTTP_X_SSL_CLIENT_CERT"


def bearer_token(request: Request) -> str:
    """What stands behind `Authorization: Bearer`; empty where there is none."""
    scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def request_address(request: Request | HttpRequest) -> str:
    """The caller's address; X-Forwarded-For counts only from TRUSTED_PROXIES."""
    meta = request.META
    return client_address(str(meta.get("REMOTE_ADDR") or ""), str(meta.get("HTTP_X_FORWARDED_FOR", "")))


def request_certificate(request: Request) -> str:
    """The fingerprint of the client certificate that a trusted proxy passed on, or an empty text."""
    meta = request.META
    return client_certificate_fingerprint(
        peer=str(meta.get("REMOTE_ADDR") or ""), header=str(meta.get(CLIENT_CERTIFICATE_HEADER, ""))
    )


def is_open_door(request: Request) -> bool:
    """True under the development switch, for callers on this machine only."""
    return bool(settings.REGISTRY_OPEN_REGISTRATION) and is_loopback_address(request_address(request))


def actor_of(request: Request) -> User | ChargePointActor | ServiceActor:
    """Who asks; under the development switch anybody on this machine, for the default organisation.

    Raises NotAuthenticated.
    """
    caller: Any = request.user
    if isinstance(caller, User | ChargePointActor):
        return caller
    if is_open_door(request):
        return ServiceActor("development switch", organization_default(now()).pk)
    raise NotAuthenticated


def applicant_of(request: Request, body: Mapping[str, Any]) -> Applicant:
    """What the caller of a registration shows: login, own token, current secret or enrolment token."""
    caller: Any = request.user
    scheme, _, secret = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    header = secret.strip() if scheme.lower() == "enrolment" else ""
    return Applicant(
        address=request_address(request),
        user=caller if isinstance(caller, User) else None,
        charge_point=caller.charge_point if isinstance(caller, ChargePointActor) else None,
        credentials=body.get("credentials") or "",
        enrolment_token=body.get("enrolment_token") or header,
        open_door=is_open_door(request),
    )
