"""The WebSocket addresses of the live sockets: who may come in is decided at their door."""

from typing import Any

from django.urls import re_path

from central.consumers.dashboard import dashboard_application
from central.consumers.master import master_application

# Django's own patterns, pointed at ASGI applications instead of views.
_dashboard: Any = dashboard_application
_master: Any = master_application

websocket_urlpatterns: list[Any] = [re_path(r"^dashboard/?$", _dashboard), re_path(r"^master/?$", _master)]
