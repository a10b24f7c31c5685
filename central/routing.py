"""The WebSocket addresses of central."""

import re

from channels.routing import URLRouter
from django.conf import settings
from django.urls import re_path

from central.consumers.charge_point import charge_point_application

_PREFIX = "".join(f"{re.escape(part)}/" for part in [settings.OCPP_PATH_PREFIX] if part)

# The path arrives percent-decoded; an id never contains a slash.
websocket_urlpatterns = [re_path(rf"^{_PREFIX}(?P<cp_id>[^/]+)/?$", charge_point_application)]

application = URLRouter(websocket_urlpatterns)
