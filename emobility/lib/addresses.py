"""Addresses as they may be shown and kept: without passwords, signatures and tokens."""

import re
from typing import Any, Final

MASK: Final = "***"
_CREDENTIALS: Final = re.compile(r"(?<=://)([^/\s:@]*):([^/\s@]*)@")
"""User and password in an address (RFC 3986 §3.2.1)."""
_QUERY: Final = re.compile(
    r"([?&;](?=[\w.~%\-\[\]]*?(?:sig|token|secret|passw|credential|key|auth|policy|hmac|session))"
    r"[\w.~%\-\[\]]++=)[^&;#\s\"'<>\\]+",
    re.IGNORECASE,
)
"""What makes an address a key: X-Amz-Signature, sig of Azure, X-Goog-Signature, Key-Pair-Id, token, ...

A charge point may send megabytes of text: each name is looked at once and never taken back (`++`).
"""
_OURS: Final = re.compile(r"(/files/(?:logs|firmware)/)[^/?#\s\"'<>\\]+")
"""Our own addresses of files: whoever knows the token may bring or fetch one."""


def public_address(text: str) -> str:
    """A text in which addresses carry no password, no signature and no token."""
    if "/files/" in text:
        text = _OURS.sub(rf"\1{MASK}", text)
    if "://" not in text and "?" not in text:
        return text
    return _QUERY.sub(rf"\1{MASK}", _CREDENTIALS.sub(rf"\1:{MASK}@", text))


def public_value(value: Any) -> Any:
    """The same for all texts inside of a value as JSON has them."""
    if isinstance(value, str):
        return public_address(value)
    if isinstance(value, dict):
        return {key: public_value(part) for key, part in value.items()}
    return [public_value(part) for part in value] if isinstance(value, list | tuple) else value
