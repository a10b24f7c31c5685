"""The messages that must not get lost: a queue that keeps each until Central has acknowledged it."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import structlog

from central.ocpp.simulator.dialects import Message
from central.ocpp.simulator.wire import Refusal

log = structlog.get_logger(__name__)

Acknowledged = Callable[[str, dict[str, Any], dict[str, Any]], None]
"""Called with action, request and answer as soon as Central has acknowledged a transaction message."""


@dataclass(slots=True)
class Entry:
    """One message on its way; `answer` gets Central's answer, or None where it was given up."""

    message: Message
    answer: "asyncio.Future[dict[str, Any] | None]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    attempts: int = 0


class Outbox:
    """Transaction messages in their order; the oldest is repeated until acknowledged (1.6 §3.7, 2.0.1 E04).

    A refusal (CALLERROR) is tried again `attempts` times with growing pauses (TransactionMessageAttempts), a
    lost connection without end. A repeat has the same content and a new message id.
    """

    def __init__(self, attempts: int, interval: float, on_acknowledged: Acknowledged | None = None) -> None:
        self._entries: deque[Entry] = deque()
        self._attempts, self._interval = attempts, interval
        self._on_acknowledged = on_acknowledged
        self._filled, self._empty = asyncio.Event(), asyncio.Event()
        self._empty.set()

    def __len__(self) -> int:
        return len(self._entries)

    def put(self, message: Message) -> Entry:
        """Add a message; await `entry.answer` for Central's answer."""
        entry = Entry(message)
        self._entries.append(entry)
        self._filled.set()
        self._empty.clear()
        return entry

    async def drained(self) -> None:
        """Wait until everything was acknowledged."""
        await self._empty.wait()

    async def deliver(self, ask: Callable[[Message], Awaitable[dict[str, Any]]]) -> None:
        """Send what is there and what comes, until `ask` raises Offline; the queue then waits."""
        while True:
            await self._filled.wait()
            entry = self._entries[0]
            try:
                answer = await ask(entry.message)
            except Refusal as refusal:
                await self._refused(entry, refusal)
            else:
                if self._on_acknowledged is not None:
                    self._on_acknowledged(entry.message.action, entry.message.payload(), answer)
                self._remove(entry, answer)

    async def _refused(self, entry: Entry, refusal: Refusal) -> None:
        entry.attempts += 1
        if entry.attempts < self._attempts:
            await asyncio.sleep(self._interval * entry.attempts)
            return
        log.error("simulator.message_given_up", action=entry.message.action, error=refusal.code)
        self._remove(entry, None)

    def _remove(self, entry: Entry, answer: dict[str, Any] | None) -> None:
        self._entries.popleft()
        if not entry.answer.done():
            entry.answer.set_result(answer)
        if not self._entries:
            self._filled.clear()
            self._empty.set()
