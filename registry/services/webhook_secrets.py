"""Secrets and own headers of endpoints, and the signature of a request (Standard Webhooks 1.0)."""

import base64
import re
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
from django.utils.translation import gettext as _
from standardwebhooks import Webhook

from emobility.lib.errors import Invalid
from registry.models import WebhookEndpoint

OLD_SECRET_GOOD_FOR: Final = timedelta(hours=24)
MOST_HEADERS: Final = 20
_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}")
_VALUE: Final = re.compile(r"[\x20-\x7e]{0,2000}")
_OURS: Final = frozenset(
    {"host", "connection", "content-length", "content-type", "transfer-encoding", "accept-encoding", "te"}
    | {"upgrade", "trailer", "expect", "webhook-id", "webhook-timestamp", "webhook-signature"}
)


def secret_make() -> str:
    """A new secret: 32 random bytes, as receivers' libraries want it."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def signature(endpoint: WebhookEndpoint, message_id: str, body: bytes, now: datetime) -> str:
    """The signatures of a request: two of them for a day after a rotation."""
    good = [endpoint.secret]
    if endpoint.previous_secret and endpoint.previous_until and endpoint.previous_until > now:
        good.append(endpoint.previous_secret)
    return " ".join(Webhook(secret).sign(message_id, now, body.decode()) for secret in good)


def headers_check(headers: Mapping[str, Any]) -> dict[str, str]:
    """Headers that may be added. Raises Invalid for those that are ours, or that are none."""
    if len(headers) > MOST_HEADERS:
        raise _fault(_("At most {most} headers.").format(most=MOST_HEADERS))
    for name, value in headers.items():
        if not _NAME.fullmatch(name) or not isinstance(value, str) or not _VALUE.fullmatch(value):
            raise _fault(_("A header is a name and a text of printable characters on one line."))
        if name.lower() in _OURS:
            raise _fault(_("{name} is written by the platform itself.").format(name=name))
    return dict(headers)


def headers_seal(headers: Mapping[str, str]) -> str:
    """As the field keeps them."""
    return orjson.dumps(dict(headers)).decode() if headers else ""


def headers_of(endpoint: WebhookEndpoint) -> dict[str, str]:
    """The endpoint's own headers."""
    found: dict[str, str] = orjson.loads(endpoint.headers) if endpoint.headers else {}
    return found


def _fault(sentence: str) -> Invalid:
    return Invalid(sentence, {"headers": sentence})
