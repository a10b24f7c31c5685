"""Message ids and routing headers (OCPI 2.2.1 §4.2, §4.1.8): read, answered, made."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

REQUEST_ID, CORRELATION_ID = "X-Request-ID", "X-Correlation-ID"
TO_PARTY, TO_COUNTRY = "OCPI-to-party-id", "OCPI-to-country-code"
FROM_PARTY, FROM_COUNTRY = "OCPI-from-party-id", "OCPI-from-country-code"
CONFIGURATION = frozenset({"versions", "credentials", "hubclientinfo"})
"""Modules whose messages are never routed."""


def new_id() -> str:
    """A fresh message id."""
    return str(uuid.uuid4())


def _clean(text: str | None, limit: int) -> str:
    """A header value that can be echoed safely: printable, no longer than `limit`."""
    return text[:limit] if text and text.isascii() and text.isprintable() else ""


@dataclass(frozen=True, slots=True)
class MessageIds:
    """The ids of one message; `given` is False where the peer left one out."""

    request_id: str
    correlation_id: str
    given: bool = True

    @classmethod
    def read(cls, headers: Mapping[str, str]) -> "MessageIds":
        """The ids of a request; missing ones are made up, so that our answer always has both."""
        request_id = _clean(headers.get(REQUEST_ID), 64)
        correlation_id = _clean(headers.get(CORRELATION_ID), 64)
        given = bool(request_id and correlation_id)
        return cls(request_id or new_id(), correlation_id or request_id or new_id(), given)

    def headers(self) -> dict[str, str]:
        """Both as headers."""
        return {REQUEST_ID: self.request_id, CORRELATION_ID: self.correlation_id}


@dataclass(frozen=True, slots=True)
class Parties:
    """Who sends to whom; an empty pair is not written."""

    to: tuple[str, str] = ("", "")
    sender: tuple[str, str] = ("", "")

    @classmethod
    def read(cls, headers: Mapping[str, str]) -> "Parties":
        """The routing headers of a request: (country code, party id) of both sides."""
        return cls(
            (_clean(headers.get(TO_COUNTRY), 2), _clean(headers.get(TO_PARTY), 3)),
            (_clean(headers.get(FROM_COUNTRY), 2), _clean(headers.get(FROM_PARTY), 3)),
        )

    @property
    def complete(self) -> bool:
        """True where both sides are named."""
        return all(self.to) and all(self.sender)

    def swapped(self) -> "Parties":
        """The headers of the answer: to and from change places (§4.1.8.5)."""
        return Parties(self.sender, self.to)

    def headers(self) -> dict[str, str]:
        """The pairs that are there, as headers."""
        pairs = ((TO_COUNTRY, TO_PARTY, self.to), (FROM_COUNTRY, FROM_PARTY, self.sender))
        return {
            name: value
            for country, party, pair in pairs
            if all(pair)
            for name, value in zip((country, party), pair, strict=True)
        }
