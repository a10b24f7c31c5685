"""Publishes messages to an MQTT broker with QoS 1; needs the extra `mqtt` (aiomqtt)."""

import asyncio
import ssl
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any
from urllib.parse import quote, unquote, urlsplit

if find_spec("aiomqtt"):
    import aiomqtt
else:
    aiomqtt = None  # type: ignore[assignment]

TIME_LIMIT = 10.0
AT_ONCE = 50
PORTS = {"mqtt": 1883, "mqtts": 8883}


class MqttTrouble(Exception):
    """The broker could not be reached, or did not take a message."""


def is_installed() -> bool:
    """True where the extra is there."""
    return aiomqtt is not None


def topic_level(text: str) -> str:
    """A text as one level of a topic: what MQTT reserves is percent-encoded; `~` where there is none."""
    return quote(text, safe=" *=|@") or "~"


def broker_of(url: str) -> dict[str, Any]:
    """What a client needs of `mqtt[s]://[user:password@]host[:port]`. Raises ValueError."""
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname:
        raise ValueError("not an MQTT address")
    return {
        "hostname": parts.hostname,
        "port": parts.port or PORTS[parts.scheme],
        "username": unquote(parts.username) if parts.username else None,
        "password": unquote(parts.password) if parts.password else None,
        "tls_context": ssl.create_default_context() if parts.scheme == "mqtts" else None,
    }


def publish(url: str, messages: Sequence[tuple[str, str]]) -> None:
    """Publish (topic, payload) in their order; back when the broker has confirmed all. Raises MqttTrouble."""
    if aiomqtt is None:
        raise MqttTrouble("The extra for MQTT is not installed.")
    try:
        asyncio.run(_publish(broker_of(url), messages))
    except (aiomqtt.MqttError, OSError, ValueError, TimeoutError) as error:
        raise MqttTrouble(str(error)[:200] or type(error).__name__) from error


async def _publish(broker: dict[str, Any], messages: Sequence[tuple[str, str]]) -> None:
    async with asyncio.timeout(TIME_LIMIT + len(messages) / AT_ONCE), aiomqtt.Client(**broker) as client:
        for first in range(0, len(messages), AT_ONCE):
            some = messages[first : first + AT_ONCE]
            await asyncio.gather(*(client.publish(topic, text, qos=1) for topic, text in some))
