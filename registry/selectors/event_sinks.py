"""Which sinks of the event log are set."""

from django.conf import settings


def sinks_set() -> frozenset[str]:
    """Names of the sinks that the settings ask for, as rows of EventReader have them."""
    found = {"redis": settings.EVENTS_REDIS_STREAM and settings.REDIS_URL, "mqtt": settings.MQTT_URL}
    return frozenset(name for name, wanted in found.items() if wanted)
