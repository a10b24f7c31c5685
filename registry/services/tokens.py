"""Tokens of charge points: JWTs that the Registry signs and Central checks.

Claims: `sub` (cp_id), `iss`, `aud`, `jti`, `iat`, `exp`, `ver` (the charge point's token version, which ends
all older tokens). HS256 only; the header's `kid` names the key, so that a key can be replaced in peace.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import jwt
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from emobility.lib.errors import Forbidden, Unauthenticated
from registry.models import ChargePoint

ALGORITHM = "HS256"
ISSUER = "ev-registry"
AUDIENCE = "ev-central"
LEEWAY = timedelta(seconds=30)
LONGEST_LIFE = timedelta(hours=168)
MAX_LENGTH = 4096
REQUIRED = ["sub", "iss", "aud", "jti", "iat", "exp", "ver"]
OPTIONS: Any = {
    "require": REQUIRED,
    "strict_aud": True,
    # Times are compared with the caller's `now` below.
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
}


class InvalidToken(Unauthenticated):
    """The token is missing, forged, expired or revoked: one text for all."""

    def __init__(self) -> None:
        super().__init__(str(_("Invalid token.")))


class Deregistered(Forbidden):
    """The charge point behind a genuine token may not be used any more."""

    def __init__(self) -> None:
        super().__init__(str(_("CP not registered in EV_Registry or is deregistered")))


@dataclass(frozen=True, slots=True)
class Claims:
    """What a genuine token says; times in UTC."""

    subject: str
    version: int
    token_id: str
    issued_at: datetime
    expires_at: datetime


def charge_point_token_issue(
    charge_point: ChargePoint, now: datetime, *, hours: int | None = None
) -> tuple[str, datetime]:
    """A token of `hours` (default REGISTRY_TOKEN_EXPIRATION_HOURS, at most 168) and when it expires."""
    life = min(timedelta(hours=hours or settings.REGISTRY_TOKEN_EXPIRATION_HOURS), LONGEST_LIFE)
    return claims_sign(
        subject=charge_point.cp_id,
        version=charge_point.token_version,
        key=settings.REGISTRY_SECRET_KEY,
        life=life,
        now=now,
        issuer=ISSUER,
        audience=AUDIENCE,
    )


def charge_point_token_verify(token: str, now: datetime) -> Claims:
    """The claims of a token shown to Central; raises InvalidToken. Knows nothing of revocation."""
    return claims_verify(token, now, [settings.CENTRAL_REGISTRY_SECRET_KEY, *previous_keys()])


def registry_token_verify(token: str, now: datetime) -> Claims:
    """The claims of a token shown to the Registry; raises InvalidToken. Knows nothing of revocation."""
    return claims_verify(token, now, [settings.REGISTRY_SECRET_KEY, *previous_keys()])


def charge_point_of(claims: Claims) -> ChargePoint:
    """The charge point that genuine claims name.

    Raises Deregistered, and InvalidToken where the charge point is gone or its tokens were revoked.
    """
    charge_point = ChargePoint.objects.filter(cp_id=claims.subject).first()
    if charge_point is None:
        raise InvalidToken
    if not charge_point.is_registered:
        raise Deregistered
    if charge_point.token_version != claims.version:
        raise InvalidToken
    return charge_point


def charge_point_by_token(token: str, now: datetime) -> ChargePoint:
    """The charge point that shows `token` to Central; raises InvalidToken or Deregistered."""
    return charge_point_of(charge_point_token_verify(token, now))


def claims_to_be_ours(token: str, issuer: str = ISSUER) -> bool:
    """True where a token says, unproved, that it is from `issuer`: chooses who checks it."""
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError, RecursionError):
        return False
    return claims.get("iss") == issuer


def key_id(key: str) -> str:
    """The public name of a signing key."""
    return hashlib.sha256(b"kid:" + key.encode()).hexdigest()[:16]


def previous_keys() -> Sequence[str]:
    """Keys that signed before and still count, while a key is being replaced."""
    return tuple(settings.REGISTRY_PREVIOUS_SECRET_KEYS)


def claims_sign(
    *,
    subject: str,
    version: int,
    key: str,
    life: timedelta,
    now: datetime,
    issuer: str,
    audience: str,
    extra: Mapping[str, Any] | None = None,
) -> tuple[str, datetime]:
    """A token for `subject` that lives for `life`, and its end; `extra` claims decide nothing here."""
    issued_at = now.replace(microsecond=0)
    expires_at = issued_at + life
    claims = {
        **(extra or {}),
        "sub": subject,
        "iss": issuer,
        "aud": audience,
        "jti": uuid4().hex,
        "iat": int(issued_at.timestamp()),
        "exp": int(expires_at.timestamp()),
        "ver": version,
    }
    return jwt.encode(claims, key, ALGORITHM, headers={"kid": key_id(key)}), expires_at


def claims_verify(
    token: str, now: datetime, keys: Sequence[str], *, issuer: str = ISSUER, audience: str = AUDIENCE
) -> Claims:
    """The claims of a token that one of `keys` signed; raises InvalidToken. Knows nothing of revocation."""
    ring = {key_id(key): key for key in keys}
    try:
        key = _key(token, ring)
        claims = jwt.decode(token, key, [ALGORITHM], audience=audience, issuer=issuer, options=OPTIONS)
    except (jwt.PyJWTError, ValueError, RecursionError) as error:
        raise InvalidToken from error
    return _checked(claims, now)


def _key(token: str, ring: Mapping[str, str]) -> str:
    if len(token) > MAX_LENGTH:
        raise InvalidToken
    header = jwt.get_unverified_header(token)
    key = ring.get(str(header.get("kid")))
    if key is None:
        raise InvalidToken
    return key


def _checked(claims: Mapping[str, Any], now: datetime) -> Claims:
    numbers = [claims[name] for name in ("iat", "exp", "ver")]
    texts = [claims[name] for name in ("sub", "jti")]
    if any(type(number) is not int for number in numbers) or not all(
        isinstance(text, str) and text for text in texts
    ):
        raise InvalidToken
    issued_at, expires_at = _time(claims["iat"]), _time(claims["exp"])
    if issued_at > now + LEEWAY or expires_at <= now - LEEWAY or expires_at - issued_at > LONGEST_LIFE:
        raise InvalidToken
    if "nbf" in claims:
        raise InvalidToken
    return Claims(claims["sub"], claims["ver"], claims["jti"], issued_at, expires_at)


def _time(seconds: int) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise InvalidToken from error
