"""The WebSocket addresses of central."""

import re
from typing import Any

from channels.routing import URLRouter
from django.conf import settings
from django.urls import re_path

from central.consumers.charge_point import charge_point_application

_PREFIX = "".join(f"{re.escape(part)}/" for part in [settings.OCPP_PATH_PREFIX] if part)

# Django's own patterns, pointed at an ASGI application instead of a view.
_socket: Any = charge_point_application

# The path arrives percent-decoded; an id never contains a slash.
websocket_urlpatterns: list[Any] = [re_path(rf"^{_PREFIX}(?P<cp_id>[^/]+)/?$", _socket)]

application = URLRouter(websocket_urlpatterns)
