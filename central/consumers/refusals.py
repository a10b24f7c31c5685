"""Refused handshakes: a real HTTP status, by ASGI's extension or by close codes that our daphne maps."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

_REASONS: Final = {401: b"Unauthorized", 404: b"Not Found", 429: b"Too Many Requests", 503: b"Unavailable"}


async def refuse(scope: Any, transmit: Callable[[Any], Awaitable[None]], status: int) -> None:
    """Answer the handshake of `scope` with `status` instead of accepting it."""
    if "websocket.http.response" not in (scope.get("extensions") or {}):
        await transmit({"type": "websocket.close", "code": 4000 + status})
        return
    headers = [(b"content-type", b"text/plain")]
    if status == 401:
        headers.append((b"www-authenticate", b'Basic realm="OCPP", charset="UTF-8"'))
    await transmit({"type": "websocket.http.response.start", "status": status, "headers": headers})
    await transmit({"type": "websocket.http.response.body", "body": _REASONS[status]})
