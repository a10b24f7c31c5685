"""Follows the message log and the event log for the `/master` sockets that observe.

Keys are given before their transaction commits, so a smaller one may show later: for a moment keys that were
seen are remembered instead of believing that nothing more comes below the newest.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Protocol

import structlog

from central.consumers import live_reading
from central.selectors import live_tail
from central.selectors.live_tail import Row

log = structlog.get_logger(__name__)

LOOK_SECONDS: Final = 0.5
LATE_SECONDS: Final = 5.0
"""A commit that takes longer than this after its key was given is missed by those who observe."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a socket observes: all charge points of its audience or some; events by the beginning of kinds."""

    charge_point_ids: frozenset[int] | None
    messages: bool
    events: bool
    kinds: tuple[str, ...] = ()

    def fits(self, row: Row) -> bool:
        """True where the row is one of the charge points asked for."""
        return self.charge_point_ids is None or row.charge_point_id in self.charge_point_ids

    def fits_event(self, row: Row) -> bool:
        """True where the event is of a kind asked for as well."""
        return self.fits(row) and (not self.kinds or row.told["kind"].startswith(self.kinds))


class Observer(Protocol):
    """A socket that observes."""

    user: Any

    def tell(self, content: dict[str, Any]) -> None:
        """Send a frame."""


class Log:
    """One table that only grows, read from where we stand."""

    def __init__(self, newest: Callable[[], int], after: Callable[..., list[Row]]) -> None:
        self._newest, self._after = newest, after
        self._floor: int | None = None
        self._seen: dict[int, float] = {}

    def stop(self) -> list[Row]:
        """Nobody reads: begin at the newest next time."""
        self._floor = None
        self._seen.clear()
        return []

    def fresh(self, *limits: Any) -> list[Row]:
        """Rows that were not read before. Sync, reads the database."""
        if self._floor is None:
            self._floor = self._newest()
            return []
        now = time.monotonic()
        rows = [row for row in self._after(self._floor, *limits) if row.key not in self._seen]
        self._seen.update((row.key, now) for row in rows)
        old = [key for key, seen in self._seen.items() if seen < now - LATE_SECONDS]
        if len(self._seen) >= live_tail.MOST:
            old = sorted(self._seen)[: live_tail.MOST // 2]
        for key in old:
            del self._seen[key]
        self._floor = max([self._floor, *old])
        return rows


class Tail:
    """All observers of this process, served by one reading."""

    def __init__(self) -> None:
        self._wishes: dict[Observer, Wish] = {}
        self._messages = Log(live_tail.newest_message, live_tail.messages_after)
        self._events = Log(live_tail.newest_event, live_tail.events_after)
        self._reading = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def observe(self, observer: Observer, wish: Wish) -> None:
        """Tell an observer from now on; a new wish takes the place of the old one."""
        self._wishes[observer] = wish
        await self._look()
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    def forget(self, observer: Observer) -> None:
        """The socket is gone, or observes no more."""
        self._wishes.pop(observer, None)
        if not self._wishes and self._task is not None:
            self._task.cancel()
            self._task = None
            self._messages.stop()
            self._events.stop()

    async def _run(self) -> None:
        while True:
            try:
                await self._look()
            except Exception as error:  # noqa: BLE001 -- the database may be away; the next look asks again
                log.warning("live.tail_failed", error=repr(error)[:200])
            await asyncio.sleep(LOOK_SECONDS)

    async def _look(self) -> None:
        async with self._reading:
            wishes = dict(self._wishes)
            messages, events = await live_reading.run(partial(self._fresh, list(wishes.values())))
        for observer, wish in wishes.items():
            _tell(observer, "messages", wish.messages, filter(wish.fits, messages))
            _tell(observer, "events", wish.events, filter(wish.fits_event, events))

    def _fresh(self, wishes: list[Wish]) -> tuple[list[Row], list[Row]]:
        asked = [wish.charge_point_ids for wish in wishes if wish.messages]
        everybody = None in asked
        wanted = {key for points in asked for key in points or ()}
        messages = self._messages.fresh(None if everybody else wanted) if asked else self._messages.stop()
        return messages, self._events.fresh()


def _tell(observer: Observer, name: str, wanted: bool, rows: Iterable[Row]) -> None:
    if not wanted:
        return
    user = observer.user
    told = [row.told for row in rows if user.sees_all or row.organization_id == user.organization_id]
    if told:
        observer.tell({"type": name, name: told})
