"""Follows the commands that `/master` sockets placed, and tells each what became of its own."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, Protocol

import structlog

from central.consumers import live_reading
from central.selectors.live_commands import bulks_open, commands_told
from central.services.whole_orders import FINAL

log = structlog.get_logger(__name__)

GATHER_SECONDS: Final = 0.1
SWEEP_SECONDS: Final = 3.0
"""A bell that was not heard costs so much."""


class Asker(Protocol):
    """A socket that waits for answers."""

    def tell(self, content: dict[str, Any]) -> None:
        """Send a frame."""


@dataclass(slots=True)
class Wait:
    """One command, or all of a bulk command: who waits under which reference, and what was told so far."""

    asker: Asker
    ref: Any
    told: dict[int, str] = field(default_factory=dict)

    @property
    def is_settled(self) -> bool:
        """True where every command that was told of has ended."""
        return all(state in FINAL for state in self.told.values())


class Orders:
    """All that the sockets of this process wait for."""

    def __init__(self) -> None:
        self._commands: dict[int, Wait] = {}
        self._bulks: dict[int, Wait] = {}
        self._changed: set[int] = set()
        self._bell = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def expect(self, asker: Asker, ref: Any, command_id: int, state: str) -> None:
        """Tell of a command from `state` on."""
        self._commands[command_id] = Wait(asker, ref, {command_id: state})
        self._start(command_id)

    def expect_bulk(self, asker: Asker, ref: Any, bulk_id: int) -> None:
        """Tell of every command of a bulk command."""
        self._bulks[bulk_id] = Wait(asker, ref)
        self._start()

    def forget(self, asker: Asker) -> None:
        """The socket is gone; its commands go on."""
        for waits in (self._commands, self._bulks):
            for key in [key for key, wait in waits.items() if wait.asker is asker]:
                del waits[key]

    def note(self, topics: Iterable[str]) -> None:
        """Commands changed."""
        if not (self._commands or self._bulks):
            return
        numbers = (topic.partition(":") for topic in topics if topic.startswith("command:"))
        self._changed.update(int(number) for _, _, number in numbers)
        if self._changed:
            self._bell.set()

    def _start(self, *changed: int) -> None:
        self._changed.update(changed)
        self._bell.set()
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        """While somebody waits for something."""
        while self._commands or self._bulks:
            sweeps = False
            try:
                async with asyncio.timeout(SWEEP_SECONDS):
                    await self._bell.wait()
            except TimeoutError:
                sweeps = True
            self._bell.clear()
            try:
                await self._look(sweeps=sweeps)
            except Exception as error:  # noqa: BLE001 -- the database may be away; the next sweep asks again
                log.warning("live.orders_wait", error=repr(error)[:200])
            await asyncio.sleep(GATHER_SECONDS)

    async def _look(self, *, sweeps: bool) -> None:
        changed, self._changed = self._changed, set()
        only = None if sweeps else changed
        rows = await live_reading.run(partial(commands_told, set(self._commands), set(self._bulks), only))
        for key, bulk_id, told in rows:
            wait = self._commands.get(key) or self._bulks.get(bulk_id or 0)
            if wait is not None and wait.told.get(key) != told["state"]:
                wait.told[key] = told["state"]
                wait.asker.tell({"type": "command", "ref": wait.ref, **told})
        self._commands = {key: wait for key, wait in self._commands.items() if not wait.is_settled}
        if sweeps and self._bulks:
            still = await live_reading.run(partial(bulks_open, set(self._bulks)))
            ended = [key for key, wait in self._bulks.items() if key not in still and wait.is_settled]
            for key in ended:
                wait = self._bulks.pop(key)
                wait.asker.tell({"type": "done", "ref": wait.ref})
