"""The one ASGI application of all faces: HTTP goes to Django, WebSockets to their consumers."""

import os

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "emobility.settings")
django_application = get_asgi_application()

# By name: consumers import models, and models exist only from here on.
application = ProtocolTypeRouter(
    {"http": django_application, "websocket": import_string("emobility.sockets.application")}
)
