"""One connector of a simulated charge point: its state, its meter and the course of a session."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import datetime
from typing import Any, Protocol

import structlog

from central.ocpp.simulator.connection import Connection
from central.ocpp.simulator.dialects import Dialect, State, is_accepted
from central.ocpp.simulator.meter import Meter, Reading
from central.ocpp.simulator.options import Options
from central.ocpp.simulator.outbox import Outbox
from central.ocpp.simulator.power import Power
from central.ocpp.simulator.transaction import Transaction
from central.ocpp.simulator.wire import Offline, Refusal

log = structlog.get_logger(__name__)


class Reserved(Protocol):
    """A reservation of the connector."""

    number: int
    id_tag: str


class Connector:
    """Connector `number`; `clock` gives aware times, `interval` the seconds between meter values."""

    def __init__(
        self,
        number: int,
        options: Options,
        dialect: Dialect,
        connection: Connection,
        outbox: Outbox,
        clock: Callable[[], datetime],
        power: Power,
    ) -> None:
        self.number, self.state, self.interval = number, State.AVAILABLE, options.meter_interval
        self.transaction: Transaction | None = None
        self.meter = Meter(options.power_kw, limit_w=self._allowed_w)
        self.reserved: Reserved | None = None
        self._power, self._started_at = power, clock()
        self.available, self.faulted = True, False
        self.idle = asyncio.Event()
        self.idle.set()
        self._options, self._dialect, self._clock = options, dialect, clock
        self._connection, self._outbox = connection, outbox
        self._stop: asyncio.Future[str] | None = None
        self._metered_at = 0.0

    @property
    def is_free(self) -> bool:
        """Whether a session can begin."""
        return self.transaction is None and self.available and not self.faulted

    def is_free_for(self, id_tag: str) -> bool:
        """Whether this tag's session can begin: nobody else reserved the connector."""
        return self.is_free and (self.reserved is None or self.reserved.id_tag.upper() == id_tag.upper())

    def stop(self, reason: str) -> bool:
        """End the session under way for `reason`; False where there is none."""
        if self._stop is None or self._stop.done():
            return False
        self._stop.set_result(reason)
        return True

    def charge(self, transaction: Transaction, *, authorize: bool) -> Coroutine[Any, Any, bool]:
        """Take the connector at once (call it only where free) and return the session, to be awaited.

        The session gives False where the driver was not allowed to charge.
        """
        if self.reserved is not None:
            transaction.reservation_id, self.reserved = self.reserved.number, None
        self.transaction, self._stop = transaction, asyncio.get_running_loop().create_future()
        self.idle.clear()
        return self._charge(transaction, self._stop, authorize=authorize)

    async def _charge(
        self, transaction: Transaction, stop: "asyncio.Future[str]", *, authorize: bool
    ) -> bool:
        try:
            await self._show(State.PREPARING)
            if authorize and not await self._is_authorized(transaction):
                log.info("simulator.not_authorized", cp_id=self._options.cp_id, connector=self.number)
                return False
            await self._deliver(transaction, stop)
            return True
        finally:
            self.transaction = self._stop = None
            self._power.end_session(self.number)
            self.idle.set()
            await self.show_rest()

    async def show_rest(self) -> None:
        """Report the state of a connector without a session."""
        free = State.AVAILABLE if self.reserved is None else State.RESERVED
        rest = free if self.available else State.UNAVAILABLE
        await self._show(State.FAULTED if self.faulted else rest)

    async def report(self) -> None:
        """Tell Central the present state; raises Offline or Refusal."""
        await self._connection.ask(self._dialect.status(self.number, self.state, self._clock()))

    async def _show(self, state: State) -> None:
        self.state = state
        # Nobody to tell: the greeting after the next connect tells the state of that time.
        with suppress(Offline, Refusal):
            await self.report()

    async def _is_authorized(self, transaction: Transaction) -> bool:
        try:
            return is_accepted(await self._connection.ask(self._dialect.authorize(transaction)))
        except (Offline, Refusal):
            return True

    async def _deliver(self, transaction: Transaction, stop: "asyncio.Future[str]") -> None:
        self._metered_at = asyncio.get_running_loop().time()
        self._started_at = self._clock()
        self.meter.plug_in()
        start = self._outbox.put(self._dialect.start(transaction, self._read()))
        start.answer.add_done_callback(lambda answer: self._started(transaction, answer))
        await self._show(State.CHARGING)
        reason = await self._meter_until(transaction, stop)
        reading = self._read()
        self.meter.unplug()
        self._outbox.put(self._dialect.stop(transaction, reading, reason))
        await self._show(State.FINISHING)

    def _started(self, transaction: Transaction, answer: "asyncio.Future[dict[str, Any] | None]") -> None:
        if answer.cancelled() or (payload := answer.result()) is None:
            return
        if not self._dialect.started(transaction, payload):
            self.stop("DeAuthorized")

    async def _meter_until(self, transaction: Transaction, stop: "asyncio.Future[str]") -> str:
        clock = asyncio.get_running_loop().time
        until = clock() + self._options.session_seconds
        while (left := until - clock()) > 0:
            await asyncio.wait({stop}, timeout=min(left, self.interval))
            if stop.done():
                return stop.result()
            if clock() < until:
                self._outbox.put(self._dialect.sample(transaction, self._read()))
        return "Local"

    def _allowed_w(self) -> float | None:
        return self._power.limit_w(self.number, self._started_at)

    def _read(self) -> Reading:
        moment = asyncio.get_running_loop().time()
        self.meter.advance(moment - self._metered_at)
        self._metered_at = moment
        return self.meter.read(self._clock())
