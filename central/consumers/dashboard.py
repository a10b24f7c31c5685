"""The live feed of the admin: tells a person's pages which things of the organisation changed.

It says only what changed ("charge_point:12"), never values: the page asks again over HTTP, where its rights
are checked as always.
"""

import asyncio
from contextlib import suppress
from typing import Any

from channels.db import database_sync_to_async
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncJsonWebsocketConsumer

from central.consumers.dashboard_feed import EVERYBODY, group_of
from registry.models import User
from registry.rights import Right, may

SHORTEST = 0.5
MOST_TOPICS = 200
RECHECK = 60.0
UNAUTHENTICATED = 4401


class DashboardConsumer(AsyncJsonWebsocketConsumer):
    """One open page: at most one frame each half second, however much happens."""

    group: str = ""

    async def connect(self) -> None:
        """Let people of the back office in; the origin was checked before."""
        user: Any = self.scope.get("user")
        if not may_watch(user):
            await self.close(UNAUTHENTICATED)
            return
        self.group = EVERYBODY if user.sees_all else group_of(user.organization_id)
        self.waiting: set[str] = set()
        self.bell = asyncio.Event()
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()
        self.tasks = [asyncio.create_task(self._tell()), asyncio.create_task(self._watch(user.pk))]

    async def disconnect(self, code: int) -> None:
        """Leave the group."""
        for task in getattr(self, "tasks", []):
            task.cancel()
        if self.group:
            await self.channel_layer.group_discard(self.group, self.channel_name)
        raise StopConsumer

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        """Pages have nothing to say."""

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **_: Any) -> None:
        """Pages have nothing to say."""

    async def dashboard_changed(self, message: dict[str, Any]) -> None:
        """Something changed: told with the next frame."""
        self.waiting.update(message["topics"])
        self.bell.set()

    async def _tell(self) -> None:
        """Send what waits, at once and then no more often than each half second."""
        while True:
            await self.bell.wait()
            self.bell.clear()
            topics, self.waiting = self.waiting, set()
            told = sorted(topics) if len(topics) <= MOST_TOPICS else ["*"]
            await self.send_json({"type": "changed", "topics": told})
            await asyncio.sleep(SHORTEST)

    async def _watch(self, user_id: int) -> None:
        """End the feed of a person who may not watch any more."""
        while True:
            await asyncio.sleep(RECHECK)
            if not await database_sync_to_async(_still_may_watch)(user_id):
                with suppress(RuntimeError):
                    await self.close(UNAUTHENTICATED)
                return


def may_watch(user: Any) -> bool:
    """True for people who can open the admin and see charge points."""
    return bool(getattr(user, "is_staff", False)) and may(user, Right.SEE)


def _still_may_watch(user_id: int) -> bool:
    return may_watch(User.objects.filter(pk=user_id).first())
