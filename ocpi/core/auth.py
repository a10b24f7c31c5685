"""Credentials tokens: made, written into the Authorization header, read from it, kept as keyed digests."""

import base64
import binascii
import hmac
import re
import secrets

from django.conf import settings

from ocpi.core.versions import has_message_ids

PRINTABLE = re.compile(r"[\x21-\x7e]{1,64}\Z")
BASE64, RAW = "base64", "raw"


def new_token() -> str:
    """A fresh token: 256 bits, 43 url-safe characters."""
    return secrets.token_urlsafe(32)


def is_token(text: str) -> bool:
    """True for 1 to 64 printable ASCII characters without white space (OCPI 2.2.1 §7.3.1)."""
    return bool(PRINTABLE.match(text))


def digest(token: str) -> str:
    """The keyed digest by which a presented token is found: a copy of the table alone tells nothing."""
    return hmac.new(_key(), token.encode(), "sha256").hexdigest()


def _key() -> bytes:
    if settings.TOKEN_HMAC_SECRET:
        return settings.TOKEN_HMAC_SECRET.encode()
    return hmac.new(settings.SECRET_KEY.encode(), b"ocpi credentials tokens", "sha256").digest()


def form_of(version: str) -> str:
    """How a token is written in a version: as it is in 2.1.1, in Base64 from 2.2 on (§4.1.2)."""
    return BASE64 if has_message_ids(version) else RAW


def header(token: str, form: str = BASE64) -> str:
    """The Authorization header: Base64 of the token from 2.2 on, or as it is for peers that want it so."""
    return f"Token {token if form == RAW else base64.b64encode(token.encode()).decode()}"


def candidates(value: str) -> dict[str, str]:
    """What a header may mean: token by form, Base64 first. A missing `Token ` prefix is tolerated."""
    scheme, _, rest = value.strip().partition(" ")
    text = rest.strip() if scheme.lower() == "token" else value.strip()
    found = {BASE64: _decoded(text), RAW: text}
    return {form: token for form, token in found.items() if is_token(token)}


def _decoded(text: str) -> str:
    """The token inside strict Base64, or ""; a trailing line break is dropped (§4.1.2's sample has one)."""
    try:
        return base64.b64decode(text, validate=True).decode().rstrip("\r\n")
    except (binascii.Error, ValueError):
        return ""
