"""The WebSocket addresses of all rooms, and a plain 404 for every other one."""

from typing import Any

from asgiref.typing import ASGIReceiveCallable
from channels.routing import URLRouter
from django.urls import re_path

from central.routing import websocket_urlpatterns
from central.routing_dashboard import websocket_urlpatterns as dashboard_urlpatterns


async def unknown_address(scope: Any, receive: ASGIReceiveCallable, send: Any) -> None:
    """Refuse a handshake for an address that nobody serves with HTTP 404."""
    await receive()
    if "websocket.http.response" in (scope.get("extensions") or {}):
        await send({"type": "websocket.http.response.start", "status": 404, "headers": []})
        await send({"type": "websocket.http.response.body", "body": b"Not Found"})
    else:
        await send({"type": "websocket.close", "code": 4404})


# Django's patterns, pointed at an ASGI application instead of a view.
_unknown: Any = unknown_address

# The live sockets come first: with an empty OCPP_PATH_PREFIX their addresses could be a charge point's id.
addresses: list[Any] = [*dashboard_urlpatterns, *websocket_urlpatterns, re_path(r"", _unknown)]

application = URLRouter(addresses)
