"""One audience's view of its charge points: kept up to date while somebody watches, told once for all.

Every change frame has a number. Who comes back names the last one he saw and gets what he missed, or a
new snapshot where that is forgotten (another process, a restart, a long absence).
"""

import asyncio
import json
import secrets
import time
from collections import deque
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, Final, Protocol

import structlog

from central.consumers import live_reading
from central.ports import ports
from central.selectors.live_state import (
    CHUNK,
    Audience,
    charge_points_live,
    moment,
    sessions_ended,
)
from emobility.lib.clock import utc_now

log = structlog.get_logger(__name__)

EVERY_SECONDS: Final = 0.5
"""At most one frame in this time."""
RETRY_SECONDS: Final = 2.0
REREAD_SECONDS: Final = 20.0
"""How often everything is read again, for a bell that was not heard; later where the reading takes long."""
REREAD_SHARE: Final = 50
MOST_FRAMES: Final = 240
MOST_BYTES: Final = 8 * 1024 * 1024
MOST_DIRTY: Final = 2000
"""Beyond so many changed charge points all are read."""
EVERYTHING: Final = "*"


class Watcher(Protocol):
    """A socket that follows a scope."""

    def say(self, text: str) -> None:
        """Send a frame."""


class Scope:
    """What one audience sees, and who of it watches."""

    def __init__(self, audience: Audience) -> None:
        self.audience = audience
        self.watchers: set[Watcher] = set()
        self.emptied_at = 0.0
        self._epoch, self._seq = secrets.token_hex(4), 0
        self._parts: dict[int, str] = {}
        self._names: dict[int, str] = {}
        self._history: deque[tuple[int, str]] = deque()
        self._history_bytes = 0
        self._points: set[int] = set()
        self._sessions: set[int] = set()
        self._everything = True
        self._read_at, self._read_took = 0.0, 0.0
        self._snapshot: tuple[int, list[str]] = (-1, [])
        self._bell = asyncio.Event()
        self._reading = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    # --- who watches ------------------------------------------------------------------------------

    async def join(self, watcher: Watcher, cursor: str) -> None:
        """Bring a watcher up to date and keep it so. Raises OUTAGES of live_reading."""
        async with self._reading:
            if not self.watchers or self._everything:
                self._everything = True
                await self._flush()
            self.watchers.add(watcher)
        for text in self.since(cursor):
            watcher.say(text)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    def leave(self, watcher: Watcher) -> None:
        """A watcher is gone; without any nothing is read."""
        self.watchers.discard(watcher)
        self.emptied_at = time.monotonic()
        if not self.watchers and self._task is not None:
            self._task.cancel()
            self._task = None

    def note(self, topics: Iterable[str]) -> None:
        """Something changed: it is read and told with the next frame."""
        if not self.watchers and not self._reading.locked():
            return
        for topic in topics:
            kind, _, number = topic.partition(":")
            if topic == EVERYTHING:
                self._everything = True
            elif kind == "charge_point":
                self._points.add(int(number))
            elif kind == "session":
                self._sessions.add(int(number))
        self._bell.set()

    def since(self, cursor: str) -> Sequence[str]:
        """What who saw `cursor` has missed: frames, or a snapshot in parts."""
        epoch, _, number = cursor.partition("-")
        if epoch != self._epoch or not number.isdecimal():
            return self._snapshot_parts()
        seen = int(number)
        oldest = self._history[0][0] if self._history else self._seq + 1
        if seen > self._seq or seen < oldest - 1:
            return self._snapshot_parts()
        missed = [text for number, text in self._history if number > seen]
        return [*missed, _frame("resumed", self._cursor(), {})]

    # --- what changed -----------------------------------------------------------------------------

    async def _run(self) -> None:
        while True:
            await self._wait()
            began = time.monotonic()
            try:
                async with self._reading:
                    await self._flush()
            except Exception as error:  # noqa: BLE001 -- whatever it was, the next look tries again
                log.warning("live.reading_failed", error=repr(error)[:200])
                self._everything = True
                self._bell.set()
                await asyncio.sleep(RETRY_SECONDS)
            await asyncio.sleep(max(0.0, EVERY_SECONDS - (time.monotonic() - began)))

    async def _wait(self) -> None:
        """Until something changed, or it is time to look whether something did unheard."""
        pause = max(REREAD_SECONDS, REREAD_SHARE * self._read_took)
        left = self._read_at + pause - time.monotonic()
        try:
            async with asyncio.timeout(max(0.0, left)):
                await self._bell.wait()
        except TimeoutError:
            self._everything = True
        self._bell.clear()

    async def _flush(self) -> None:
        points, self._points = self._points, set()
        sessions, self._sessions = self._sessions, set()
        everything, self._everything = self._everything or len(points) > MOST_DIRTY, False
        if not (points or sessions or everything):
            return
        began = time.monotonic()
        ended, found = await live_reading.run(
            partial(_read, self.audience, None if everything else points, sessions)
        )
        if everything:
            self._read_at, self._read_took = time.monotonic(), time.monotonic() - began
        self._publish(found, set(self._parts) if everything else points, ended)

    def _publish(
        self, found: dict[int, tuple[str, str]], asked: set[int], ended: list[dict[str, Any]]
    ) -> None:
        changed = [text for key, (_, text) in found.items() if self._parts.get(key) != text]
        gone = [key for key in asked - set(found) if key in self._parts]
        removed = [self._names.pop(key) for key in gone]
        for key in gone:
            del self._parts[key]
        for key, (name, text) in found.items():
            self._parts[key], self._names[key] = text, name
        if len(changed) > MOST_DIRTY or not self._seq:
            self._begin_anew()
        elif changed or removed or ended:
            self._tell(changed, removed, ended)

    def _begin_anew(self) -> None:
        """After the first reading, and where nearly everything is new: a snapshot for all."""
        self._epoch, self._seq = secrets.token_hex(4), 1
        self._history.clear()
        self._history_bytes = 0
        self._snapshot = (-1, [])
        for text in self._snapshot_parts():
            self._say(text)

    def _tell(self, changed: list[str], removed: list[str], ended: list[dict[str, Any]]) -> None:
        before = self._cursor()
        self._seq += 1
        body = {
            "after": _json(before),
            "charge_points": f"[{','.join(changed)}]",
            "removed": _json(removed),
            "ended": _json(ended),
        }
        text = _frame("changes", self._cursor(), body)
        self._remember(text)
        self._say(text)

    def _say(self, text: str) -> None:
        for watcher in list(self.watchers):
            watcher.say(text)

    def _remember(self, text: str) -> None:
        self._history.append((self._seq, text))
        self._history_bytes += len(text)
        while len(self._history) > MOST_FRAMES or self._history_bytes > MOST_BYTES:
            self._history_bytes -= len(self._history.popleft()[1])

    def _snapshot_parts(self) -> Sequence[str]:
        """The snapshot, made once for all who come until the next change."""
        if self._snapshot[0] != self._seq:
            texts = list(self._parts.values())
            portions = [texts[start : start + CHUNK] for start in range(0, len(texts), CHUNK)] or [[]]
            self._snapshot = (
                self._seq,
                [
                    _frame(
                        "snapshot",
                        self._cursor(),
                        {
                            "part": str(number),
                            "parts": str(len(portions)),
                            "charge_points": f"[{','.join(portion)}]",
                        },
                    )
                    for number, portion in enumerate(portions, 1)
                ],
            )
        return self._snapshot[1]

    def _cursor(self) -> str:
        return f"{self._epoch}-{self._seq}"


def _read(
    audience: Audience, points: set[int] | None, sessions: set[int]
) -> tuple[list[dict[str, Any]], dict[int, tuple[str, str]]]:
    """Ended sessions, and charge points as (name, JSON); None: all of them."""
    ended = sessions_ended(audience, sessions, ports.running_cost) if sessions else []
    found = charge_points_live(audience, points, ports.running_cost)
    return ended, {key: (told["charge_point"], _json(told)) for key, told in found.items()}


def _frame(kind: str, cursor: str, body: dict[str, str]) -> str:
    """A frame of values that are JSON already."""
    head = {"type": _json(kind), "cursor": _json(cursor), "at": _json(moment(utc_now()))}
    return "{" + ",".join(f'"{name}":{value}' for name, value in (head | body).items()) + "}"


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
