"""The least that a consumer on the same server costs: a stock one of Channels that only answers."""

import json
from datetime import UTC, datetime
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings


class BareConsumer(AsyncWebsocketConsumer):
    """Accepts everybody and answers every CALL as if it were a boot."""

    async def connect(self) -> None:
        """Take the first subprotocol."""
        await self.accept(next(iter(self.scope["subprotocols"]), None))

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """An answer for each message."""
        frame: list[Any] = json.loads(text_data or "[]")
        now = datetime.now(UTC).isoformat()
        answer = {"currentTime": now, "interval": 300, "status": "Accepted"}
        await self.send(json.dumps([3, frame[1], answer]))


settings.configure(CHANNEL_LAYERS={})
application = BareConsumer.as_asgi()
