"""URL table of what other systems send, below /api/."""

from central.api.internal import InternalBroadcastView, InternalEventView
from registry.api.paths import both

urlpatterns = [
    *both("internal/event", InternalEventView),
    *both("internal/broadcast", InternalBroadcastView),
]
