"""Who knocks at `/ocpp/<id>`: credentials are checked before the upgrade, refusals are HTTP statuses."""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.conf import settings

from central.services.password_rotations import rotation_login
from central.services.prepared import Prepared
from central.services.security_profiles import (
    HIGHEST,
    certificate_shown,
    client_certificate_admit,
    downgrade_refused,
    profile_seen,
)
from emobility.lib.errors import Forbidden, TooMany, Unauthenticated
from registry.models import ChargePoint
from registry.services.addresses import client_address, is_loopback_address, is_trusted_proxy
from registry.services.authentication import WrongCredentials, certificate_fits, charge_point_authenticate
from registry.services.certificates import client_certificate_fingerprint, client_certificate_pem
from registry.services.throttle import failures_check, failures_limited, login_remember, probe_count
from registry.services.tokens import charge_point_by_token

CP_ID: Final = re.compile(r"[A-Za-z0-9*\-_=+|@. ]{1,48}")
UNAUTHENTICATED: Final = 401
UNKNOWN: Final = 404
TOO_MANY: Final = 429


@dataclass(frozen=True, slots=True)
class Knock:
    """A handshake as it arrived, without I/O: id of the path, address of the caller, credentials."""

    cp_id: str
    address: str
    authorization: str
    secure: bool
    fingerprint: str = ""
    certificate: str = ""


class Refused(Exception):
    """The handshake is answered with this HTTP status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def knock_of(scope: Any, cp_id: str) -> Knock:
    """Read a WebSocket scope; what proxies add counts only from TRUSTED_PROXIES."""
    headers = _headers(scope["headers"])
    peer = str((scope.get("client") or ("",))[0])
    secure = scope.get("scheme") == "wss"
    shown = ""
    if is_trusted_proxy(peer):
        secure = headers.get("x-forwarded-proto", "").strip().lower() in {"https", "wss"}
        shown = headers.get("x-ssl-client-cert", "")
    return Knock(
        cp_id,
        client_address(peer, headers.get("x-forwarded-for", "")),
        headers.get("authorization", ""),
        secure,
        client_certificate_fingerprint(peer=peer, header=shown),
        client_certificate_pem(peer=peer, header=shown),
    )


def admit(knock: Knock, now: datetime) -> ChargePoint:
    """The charge point that proved itself. Sync, reads the database. Raises Refused."""
    if CP_ID.fullmatch(knock.cp_id) is None:
        raise Refused(UNKNOWN)
    try:
        failures_check(address=knock.address, cp_id=knock.cp_id)
        known = next(iter(_known.rows(cp_id=knock.cp_id)), None)
        if known is None:
            probe_count(address=knock.address)
            raise Refused(UNKNOWN)
        profile = profile_shown(knock, known)
        charge_point = _proved(knock, known, profile, now)
        profile_seen(charge_point=charge_point, profile=profile, now=now)
    except TooMany as error:
        raise Refused(TOO_MANY) from error
    except (Unauthenticated, Forbidden) as error:
        raise Refused(UNAUTHENTICATED) from error
    return charge_point


_known: Final = Prepared(lambda cp_id: ChargePoint.objects.filter(cp_id=cp_id).order_by())


def _proved(knock: Knock, known: ChargePoint, profile: int, now: datetime) -> ChargePoint:
    """By certificate, token or password; once seen with a profile, never with a lower one (T9).

    1.6 security A00.FR.005 and A05.FR.09, 2.x A05.FR.07: until an administrator resets it.
    """
    if not knock.secure and not settings.OCPP_ALLOW_PLAINTEXT:
        raise WrongCredentials
    if profile < known.security_profile:
        downgrade_refused(charge_point=known, profile=profile, now=now)
        raise _no_guess(knock)
    if profile == HIGHEST:
        return _by_certificate(knock, known, now)
    _note_certificate(knock, known, now)
    scheme, _, value = knock.authorization.partition(" ")
    if scheme.lower() == "bearer":
        return _by_token(knock, value.strip(), now)
    if scheme.lower() == "basic":
        return _by_password(knock, known, value.strip(), now)
    return _without_password(knock)


def profile_shown(knock: Knock, known: ChargePoint) -> int:
    """3: a client certificate alone proves it, also beside a password where it was so before."""
    if knock.secure and knock.certificate and (not knock.authorization or known.security_profile == HIGHEST):
        return HIGHEST
    if not knock.authorization:
        return 0
    return 2 if knock.secure else 1


def _by_certificate(knock: Knock, known: ChargePoint, now: datetime) -> ChargePoint:
    """Profile 3: the certificate is bound to this charge point (T10)."""
    with failures_limited(address=knock.address, cp_id=knock.cp_id):
        if not known.is_registered:
            raise WrongCredentials
        client_certificate_admit(charge_point=known, pem=knock.certificate, now=now)
    login_remember(address=knock.address, cp_id=knock.cp_id)
    ChargePoint.objects.filter(pk=known.pk).update(last_authenticated=now, updated_at=now)
    return known


def _note_certificate(knock: Knock, known: ChargePoint, now: datetime) -> None:
    """A renewed certificate replaces the one that is required besides a password when it is shown."""
    if not settings.REGISTRY_REQUIRE_CERTIFICATE or knock.fingerprint in {"", known.certificate_fingerprint}:
        return
    if certificate_shown(charge_point_id=known.pk, fingerprint=knock.fingerprint) is not None:
        client_certificate_admit(charge_point=known, pem=knock.certificate, now=now)


def _by_token(knock: Knock, token: str, now: datetime) -> ChargePoint:
    with failures_limited(address=knock.address, cp_id=knock.cp_id):
        charge_point = charge_point_by_token(token, now)
        if charge_point.cp_id != knock.cp_id or not certificate_fits(charge_point, knock.fingerprint):
            raise WrongCredentials
    login_remember(address=knock.address, cp_id=knock.cp_id)
    return charge_point


def _by_password(knock: Knock, known: ChargePoint, value: str, now: datetime) -> ChargePoint:
    """Profile 1 and 2: the user is the id of the path (1.6 security A00.FR.204, 2.x A00.FR.204)."""
    user, secret = basic_credentials(value)
    if user != knock.cp_id or not secret:
        raise _no_guess(knock)
    charge_point = charge_point_authenticate(
        cp_id=knock.cp_id,
        secret=secret,
        address=knock.address,
        certificate_fingerprint=knock.fingerprint,
        known=known,
        now=now,
    )
    if charge_point.proved_pending or charge_point.pending_credential_hash:
        rotation_login(charge_point=charge_point, now=now)
    return charge_point


def _without_password(knock: Knock) -> ChargePoint:
    """Profile 0, a development switch on loopback only."""
    if settings.OCPP_ALLOW_PROFILE_0 and not knock.authorization and is_loopback_address(knock.address):
        charge_point = ChargePoint.objects.filter(cp_id=knock.cp_id).first()
        if charge_point is not None and charge_point.is_registered:
            return charge_point
    raise _no_guess(knock)


def _no_guess(knock: Knock) -> WrongCredentials:
    """The refusal where no secret was tried: only the wide limit of questions counts, raises TooMany."""
    probe_count(address=knock.address)
    return WrongCredentials()


def basic_credentials(value: str) -> tuple[str, bytes]:
    """User and secret of a Basic header; an empty user where it is none. The secret may be raw bytes."""
    try:
        decoded = base64.b64decode(value, validate=True)
        user, colon, secret = decoded.partition(b":")
        return (user.decode(), secret) if colon else ("", b"")
    except (binascii.Error, ValueError):
        return "", b""


def _headers(pairs: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers by lower-case name; of several equal ones the lists are joined, as HTTP means it."""
    result: dict[str, str] = {}
    for name, value in pairs:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        result[key] = f"{result[key]},{text}" if key in result else text
    return result
