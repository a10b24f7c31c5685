"""The one ASGI application of all faces: HTTP goes to Django, WebSockets to their consumers."""

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "emobility.settings")
django_application = get_asgi_application()

application = ProtocolTypeRouter({"http": django_application, "websocket": URLRouter([])})
