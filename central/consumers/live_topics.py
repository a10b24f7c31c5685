"""Which things changed, by name only: for the back office's own pages, which then ask again over HTTP."""

import asyncio
import json
from collections.abc import Iterable
from typing import Final

from central.consumers.live_scope import EVERY_SECONDS, EVERYTHING, Watcher

MOST_TOPICS: Final = 200


class Topics:
    """The pages of one audience: at most one frame each half second, however much happens."""

    def __init__(self) -> None:
        self.watchers: set[Watcher] = set()
        self._waiting: set[str] = set()
        self._bell = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def join(self, watcher: Watcher) -> None:
        """Tell a watcher from now on."""
        self.watchers.add(watcher)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    def leave(self, watcher: Watcher) -> None:
        """A watcher is gone."""
        self.watchers.discard(watcher)
        if not self.watchers and self._task is not None:
            self._task.cancel()
            self._task = None
            self._waiting.clear()

    def note(self, topics: Iterable[str]) -> None:
        """Something changed: told with the next frame."""
        if self.watchers:
            self._waiting.update(topics)
            self._bell.set()

    async def _run(self) -> None:
        while True:
            await self._bell.wait()
            self._bell.clear()
            topics, self._waiting = self._waiting, set()
            told = sorted(topics) if len(topics) <= MOST_TOPICS else [EVERYTHING]
            text = json.dumps({"type": "changed", "topics": told})
            for watcher in list(self.watchers):
                watcher.say(text)
            await asyncio.sleep(EVERY_SECONDS)
