"""The orders of one socket: a task of their own, never inside the serving of frames.

It runs while something waits: woken by the bell, by the sweep, or by the connection itself.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any, Final, Protocol
from uuid import UUID

import structlog
from django.db import DatabaseError

from central.ocpp import batch
from central.ocpp.crossing import Crossing
from central.ocpp.link import Link, Outcome
from central.ocpp.orders import Order, order_prepare, order_record
from central.services.command_delivery import command_timed_out, commands_wait
from emobility.lib.clock import utc_now

log = structlog.get_logger(__name__)

RECORD_ATTEMPTS: Final = 6


class Line(Protocol):
    """The socket as the orders see it."""

    charge_point_id: int
    connection_id: UUID
    version: str

    async def say(self, text: str) -> None:
        """Send a frame."""

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run work in a task that the socket keeps."""


class OrderRunner:
    """Claims, sends and settles the commands of one charge point, one at a time."""

    def __init__(self, line: Line, link: Link) -> None:
        self._line, self._link = line, link
        self._loop = asyncio.get_running_loop()
        self._answer: asyncio.Future[Outcome | None] | None = None
        self._running = self._again = self._closed = False

    def look(self) -> None:
        """Wake where an order waits: asked once the socket is open, together with others that just came."""
        if not self._closed:
            self._line.spawn(self._look())

    async def _look(self) -> None:
        try:
            if await _waits.ask(self._line.charge_point_id):
                self.wake()
        except DatabaseError as error:
            # The sweep looks again.
            log.warning("ocpp.orders_wait", error=repr(error)[:200])

    def wake(self) -> None:
        """Something may be waiting."""
        self._again = True
        if not self._running and not self._closed:
            self._running = True
            self._line.spawn(self._run())

    def resolve(self, outcome: Outcome) -> None:
        """The charge point answered a CALL of ours."""
        if outcome.reply is not None:
            self._line.spawn(self._line.say(outcome.reply))
        if outcome.late:
            self._line.spawn(
                self._settle(partial(order_record, outcome.pending.reference, outcome, utc_now()))
            )
        elif self._answer is not None and not self._answer.done():
            self._answer.set_result(outcome)

    def close(self) -> None:
        """The socket is gone: nothing more is claimed; what is under way is for others to call unknown."""
        self._closed = True
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(None)

    async def _run(self) -> None:
        try:
            while self._again and not self._closed:
                self._again = False
                while not self._closed and await self._one():
                    pass
        except DatabaseError as error:
            # The sweep wakes this task again.
            log.warning("ocpp.orders_wait", error=repr(error)[:200])
        finally:
            self._running = False

    async def _one(self) -> bool:
        """Send one order and settle it; False where none waits or the socket is gone."""
        order = await batch.run(
            partial(
                order_prepare,
                charge_point_id=self._line.charge_point_id,
                connection_id=self._line.connection_id,
                version=self._line.version,
                now=utc_now(),
            )
        )
        if order is None or self._closed:
            return False
        outcome = await self._ask(order)
        if outcome is None:
            return not self._closed
        await self._settle(partial(order_record, order, outcome, utc_now()))
        return True

    async def _ask(self, order: Order) -> Outcome | None:
        """The outcome of the order on the wire; None where time ran out (settled here) or the socket went."""
        text = self._link.call(
            order.message_id, order.action, order.payload, reference=order, clock=self._loop.time()
        )
        self._answer = self._loop.create_future()
        await self._line.say(text)
        try:
            return await asyncio.wait_for(self._answer, self._link.timeout)
        except TimeoutError:
            pending = self._link.pending
            self._link.expire(pending.deadline if pending else 0.0)
            await self._settle(partial(command_timed_out, command_id=order.command.pk, now=utc_now()))
            return None
        finally:
            self._answer = None

    async def _settle(self, work: Callable[[], None]) -> None:
        """Write a result; a database that is away for a moment does not lose it."""
        for attempt in range(RECORD_ATTEMPTS):
            try:
                await batch.run(work)
            except DatabaseError as error:
                log.warning("ocpp.result_waits", attempt=attempt, error=repr(error)[:200])
                await asyncio.sleep(2**attempt)
            else:
                return


def _wait(charge_point_ids: Sequence[int], alone: bool) -> Sequence[bool]:
    waiting = commands_wait(charge_point_ids)
    return [number in waiting for number in charge_point_ids]


_waits: Final = Crossing(_wait, reads=True)
