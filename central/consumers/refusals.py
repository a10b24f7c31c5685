"""Refused handshakes: a real HTTP status, by ASGI's extension or by close codes that our daphne maps."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from central.consumers.knocks import NO_VERSION, knock_refused

NO_COMMON_VERSION: Final = 4406
_REASONS: Final = {
    401: b"Unauthorized",
    403: b"Forbidden",
    404: b"Not Found",
    429: b"Too Many Requests",
    503: b"Unavailable",
}


async def refuse(
    scope: Any, transmit: Callable[[Any], Awaitable[None]], status: int, *, noted: bool = True
) -> None:
    """Answer the handshake of `scope` with `status` instead of accepting it.

    `noted` among the knocks of charge points, or not because it was none.
    """
    if noted:
        knock_refused(scope, status)
    if "websocket.http.response" not in (scope.get("extensions") or {}):
        await transmit({"type": "websocket.close", "code": 4000 + status})
        return
    headers = [(b"content-type", b"text/plain")]
    if status == 401:
        asked = b'Basic realm="OCPP", charset="UTF-8"' if noted else b"Bearer"
        headers.append((b"www-authenticate", asked))
    await transmit({"type": "websocket.http.response.start", "status": status, "headers": headers})
    await transmit({"type": "websocket.http.response.body", "body": _REASONS[status]})


async def refuse_versions(scope: Any, transmit: Callable[[Any], Awaitable[None]]) -> None:
    """Accept without a subprotocol and close: no version of OCPP in common (1.6-J §3.1.2)."""
    knock_refused(scope, NO_VERSION)
    await transmit({"type": "websocket.accept", "subprotocol": None})
    await transmit({"type": "websocket.close", "code": NO_COMMON_VERSION})
