"""Requests signed with a service account's key: HMAC-SHA-256 over what they say, when, and a nonce.

What is signed, joined by line feeds: method, path with query, time stamp, nonce, SHA-256 of the body in hex.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from emobility.lib.errors import Unauthenticated
from registry.models import ServiceAccount, ServiceKey, ServiceNonce
from registry.models.service_account import KeyKind
from registry.services.service_keys import is_good, service_key_find, service_key_used
from registry.services.throttle import failures_limited

TOLERANCE: Final = timedelta(minutes=5)
STAMP: Final = re.compile(r"[0-9]{1,11}")
NONCE: Final = re.compile(r"[A-Za-z0-9_.~+/=-]{16,64}")
STAND_IN: Final = "no key has this secret"


class InvalidSignature(Unauthenticated):
    """Unknown key, wrong signature, a time too far off or a nonce used before: one text for all."""

    def __init__(self) -> None:
        super().__init__(str(_("Invalid signature.")))


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """What was sent: `path` with its query, `stamp` in Unix seconds, `signature` in hex."""

    key_id: str
    method: str
    path: str
    stamp: str
    nonce: str
    signature: str
    body: bytes


def request_sign(*, request: SignedRequest, secret: str) -> str:
    """The signature that a request should bear, in hex."""
    digest = hashlib.sha256(request.body).hexdigest()
    said = "\n".join((request.method.upper(), request.path, request.stamp, request.nonce, digest))
    return hmac.new(secret.encode(), said.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def service_account_by_signature(*, request: SignedRequest, address: str, now: datetime) -> ServiceAccount:
    """The active account whose key signed this; uses up the nonce. Raises InvalidSignature, TooMany."""
    with failures_limited(address=address, cp_id=f"key {request.key_id[:20]}"):
        key = service_key_find(key_id=request.key_id[:20], kind=KeyKind.HMAC)
        wanted = request_sign(request=request, secret=key.secret if key else STAND_IN)
        shown = request.signature.strip().lower().encode("utf-8", "surrogatepass")
        fits = hmac.compare_digest(wanted.encode(), shown)
        if key is None or not fits or not is_good(key, now) or not _is_fresh(request, now):
            raise InvalidSignature
        _nonce_use(key, request.nonce, now)
    service_key_used(key=key, now=now)
    return key.account


def _is_fresh(request: SignedRequest, now: datetime) -> bool:
    if STAMP.fullmatch(request.stamp) is None or NONCE.fullmatch(request.nonce) is None:
        return False
    return abs(datetime.fromtimestamp(int(request.stamp), UTC) - now) <= TOLERANCE


def _nonce_use(key: ServiceKey, nonce: str, now: datetime) -> None:
    """Use the nonce; of many at a time, in all processes, exactly one succeeds. Raises InvalidSignature."""
    ServiceNonce.objects.filter(expires_at__lt=now).delete()
    try:
        with transaction.atomic():
            ServiceNonce.objects.create(key=key, nonce=nonce, expires_at=now + 2 * TOLERANCE)
    except IntegrityError as error:
        raise InvalidSignature from error
