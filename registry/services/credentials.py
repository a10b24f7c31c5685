"""Secrets of charge points: made once, shown once, kept as salted HMAC-SHA-256 under a pepper.

A random secret of 160 bits needs no slow hash; a thousand charge points that reconnect together do need a
fast one.
"""

import hashlib
import hmac
import secrets
from enum import Enum

from django.conf import settings
from django.db.models import F

from registry.models import ChargePoint

SECRET_BYTES = 20
SCHEME = "hmac-sha256"
MAX_SECRET_LENGTH = 256
NOBODY = f"{SCHEME}${'00' * 16}${'00' * 32}"


class Candidate(Enum):
    """Which of the two stored hashes a secret fits; `NONE` where it fits neither."""

    NONE = ""
    CURRENT = "current"
    PENDING = "pending"


def credential_generate() -> str:
    """A new secret: 20 random bytes as 40 hex characters (fits OCPP 1.6 AuthorizationKey and 2.x)."""
    return secrets.token_hex(SECRET_BYTES)


def credential_hash(secret: str) -> str:
    """What is stored of `secret`: scheme, salt and digest, joined by `$`."""
    salt = secrets.token_bytes(16)
    return f"{SCHEME}${salt.hex()}${_digest(salt, secret.encode()).hex()}"


def credential_candidate(charge_point: ChargePoint | None, secret: str | bytes) -> Candidate:
    """Tell whether `secret` is the current or the pending one; the same work for None as for a charge point.

    A 1.6 charge point may present its key as hex text or as the decoded bytes: both fit.
    """
    current = (charge_point and charge_point.credential_hash) or NOBODY
    pending = (charge_point and charge_point.pending_credential_hash) or NOBODY
    forms = _forms(secret)
    fits_current = _fits_any(current, forms)
    fits_pending = _fits_any(pending, forms)
    if fits_current:
        return Candidate.CURRENT
    return Candidate.PENDING if fits_pending else Candidate.NONE


def credential_matches(charge_point: ChargePoint | None, secret: str | bytes) -> bool:
    """True where `secret` is the charge point's current or pending one."""
    return credential_candidate(charge_point, secret) is not Candidate.NONE


def credential_promote(charge_point: ChargePoint) -> bool:
    """Make the pending secret, now proved, the only one: tokens that the old one gave die with it.

    False where another did so before.
    """
    proved = charge_point.pending_credential_hash
    if not proved:
        return False
    rows = ChargePoint.objects.filter(pk=charge_point.pk, pending_credential_hash=proved)
    changed = rows.update(
        credential_hash=proved, pending_credential_hash="", token_version=F("token_version") + 1
    )
    charge_point.credential_hash, charge_point.pending_credential_hash = proved, ""
    charge_point.refresh_from_db(fields=["token_version"])
    return changed == 1


def _forms(secret: str | bytes) -> tuple[bytes, bytes]:
    """The secret as text and, where it is 20 bytes long, as the hex text of these bytes.

    Hex text counts in either case: some charge points keep the bytes and write them anew.
    """
    raw = secret if isinstance(secret, bytes) else secret.encode("utf-8", "surrogatepass")
    raw = raw[:MAX_SECRET_LENGTH]
    decoded = raw
    if isinstance(secret, str) and len(secret) == SECRET_BYTES:
        decoded = secret.encode("latin-1", "replace")
    if len(decoded) == SECRET_BYTES:
        return raw, decoded.hex().encode()
    return raw, raw.lower() if len(raw) == 2 * SECRET_BYTES else raw


def _fits_any(stored: str, forms: tuple[bytes, bytes]) -> bool:
    _, salt, digest = stored.split("$")
    wanted, seasoning = bytes.fromhex(digest), bytes.fromhex(salt)
    fits = [hmac.compare_digest(_digest(seasoning, form), wanted) for form in forms]
    return any(fits)


def _digest(salt: bytes, secret: bytes) -> bytes:
    return hmac.digest(settings.CREDENTIAL_PEPPER.encode(), salt + secret, hashlib.sha256)
