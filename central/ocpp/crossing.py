"""Questions of one kind that many sockets ask at the same moment, asked of the database together.

While one round of them is under way the next ones gather, so a lone question waits for nobody and a storm's
cost a share of a few statements. What cannot be served beside others is served alone, and waits alone.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextvars import Context
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Generic, TypeVar
from weakref import WeakKeyDictionary

import structlog

from central.ocpp import batch

log = structlog.get_logger(__name__)

ROUND_LIMIT: Final = 100
Q = TypeVar("Q")
A = TypeVar("A")
Many = Callable[[Sequence[Q], bool], Sequence[A | Exception | None]]
"""Sync, on a worker thread: an answer for each question in turn. An exception is raised for whoever asked;
None says that it has to be asked alone. The second argument is True for one that is: only that one may wait
for somebody's lock.
"""


@dataclass(frozen=True, slots=True, eq=False)
class Crossing(Generic[Q, A]):
    """One kind of question; `reads` where no writer is to be waited for."""

    many: Many[Q, A]
    reads: bool = False

    async def ask(self, question: Q) -> A:
        """The answer to one question, asked beside those of others. Raises what `many` says or raises."""
        rounds = _rounds.setdefault(asyncio.get_running_loop(), {})
        mine = rounds.get(self)
        if mine is None:
            mine = rounds[self] = _Rounds(self)
        answer: A = await mine.add(question)
        return answer


class _Rounds(Generic[Q, A]):
    """The questions of one kind on one event loop."""

    def __init__(self, crossing: Crossing[Q, A]) -> None:
        self._crossing = crossing
        self._waiting: list[tuple[Q, asyncio.Future[A]]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._under_way = False

    def add(self, question: Q) -> "asyncio.Future[A]":
        answer: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, answer))
        if not self._under_way:
            self._under_way = True
            self._spawn(self._go())
        return answer

    def _spawn(self, work: Any) -> None:
        """In a context of its own: what is logged of a round names none of its sockets."""
        task = asyncio.get_running_loop().create_task(work, context=Context())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _go(self) -> None:
        while self._waiting:
            asked, self._waiting = self._waiting[:ROUND_LIMIT], self._waiting[ROUND_LIMIT:]
            await self._round(asked)
        self._under_way = False

    async def _round(self, asked: "list[tuple[Q, asyncio.Future[A]]]") -> None:
        try:
            answers = await self._cross([question for question, _ in asked], alone=False)
        except Exception as error:  # noqa: BLE001 -- whatever it was, each question gets its own chance now
            log.warning("ocpp.crossing_split", questions=len(asked), error=repr(error)[:200])
            answers = [None] * len(asked)
        for (question, future), answer in zip(asked, answers, strict=True):
            if answer is None:
                self._spawn(self._alone(question, future))
            else:
                _settle(future, answer)

    async def _alone(self, question: Q, future: "asyncio.Future[A]") -> None:
        try:
            (answer,) = await self._cross([question], alone=True)
        except Exception as error:  # noqa: BLE001 -- whoever asked hears it
            answer = error
        _settle(future, answer)

    async def _cross(self, questions: Sequence[Q], *, alone: bool) -> Sequence[A | Exception | None]:
        """A connection that broke costs nobody an error: what is asked alone is asked twice then."""
        run = batch.run_reading if self._crossing.reads else batch.run
        return await run(partial(self._crossing.many, questions, alone), repeatable=alone)


def _settle(future: "asyncio.Future[Any]", answer: Any) -> None:
    if future.done():
        return
    if isinstance(answer, Exception):
        future.set_exception(answer)
    else:
        future.set_result(answer)


_rounds: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Any, Any]] = WeakKeyDictionary()
