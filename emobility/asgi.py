"""The one ASGI application of all faces: HTTP goes to Django, WebSockets to their consumers."""

import gc
import os

import django
from channels.routing import ProtocolTypeRouter
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "emobility.settings")
django.setup(set_prefix=False)

# By name: views and consumers import models, and models exist only from here on.
application = ProtocolTypeRouter(
    {
        "http": import_string("emobility.http.ByPath")(),
        "websocket": import_string("emobility.sockets.application"),
    }
)

# What was loaded so far lives as long as the process: the collector need not walk through it again and
# again, and messages make short-lived objects by the thousand (measured: a tenth of the CPU per message).
# The middle generation is looked at every 500,000 objects. A flood of refused handshakes, which leave cycles,
# holds up to 106 MiB until then; looking at it every 200,000 held 60, and cost a sixth of each message.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 25, 100)
