"""The WebSocket address of the live feed: for browsers with the admin's cookie, from our own pages only."""

from channels.auth import AuthMiddlewareStack
from channels.security.websocket import AllowedHostsOriginValidator
from django.urls import re_path

from central.consumers.dashboard import DashboardConsumer

_guarded = AllowedHostsOriginValidator(AuthMiddlewareStack(DashboardConsumer.as_asgi()))

websocket_urlpatterns = [re_path(r"^dashboard/?$", _guarded)]
