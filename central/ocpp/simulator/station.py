"""A simulated charge point as a whole: connectors, sessions of its own, and what Central orders."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import structlog

from central.ocpp.simulator.configuration import Configuration
from central.ocpp.simulator.connection import Connection, end
from central.ocpp.simulator.connector import Connector
from central.ocpp.simulator.dialects import Message, dialect_of, heartbeat, stamp
from central.ocpp.simulator.options import Options
from central.ocpp.simulator.outbox import Acknowledged, Outbox
from central.ocpp.simulator.power import Power
from central.ocpp.simulator.reservations import Reservations
from central.ocpp.simulator.transaction import Transaction
from central.ocpp.simulator.wire import Offline, Refusal

log = structlog.get_logger(__name__)

LAST_WORDS_SECONDS = 3.0
ENTRIES_A_PART = 8


def utc_now() -> datetime:
    """The charge point's clock."""
    return datetime.now(UTC)


class Station:
    """One simulated charge point; `run` it in an event loop. Answers orders as `wire.Orders`."""

    def __init__(
        self,
        options: Options,
        credentials: Callable[[], str],
        *,
        on_acknowledged: Acknowledged | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.options, self._clock, self._dialect = options, clock, dialect_of(options.version)
        self.outbox = Outbox(options.attempts, options.attempt_interval, on_acknowledged)
        self.connection = Connection(options, credentials, self.outbox, self)
        self.configuration = Configuration(options)
        self.power = Power(options.connectors, clock)
        self.connectors = [
            Connector(number, options, self._dialect, self.connection, self.outbox, clock, self.power)
            for number in range(1, options.connectors + 1)
        ]
        self.reservations = Reservations(
            self.connectors, clock, self._spawn, self._tell, tells_end=options.version != "1.6"
        )
        self._booted = asyncio.Event()
        self._finishing = False
        self._boot_reason = "PowerUp"
        self._tasks: set[asyncio.Task[Any]] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Charge until `stop` is set, or until all sessions are over and acknowledged."""
        line = asyncio.create_task(self.connection.run(self._greet))
        work = asyncio.create_task(self._work())
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({line, work, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            await self._say_goodbye()
        await end([line, work, stopping, *self._tasks])

    def finish(self) -> None:
        """Begin no further sessions, ordered ones neither; `run` ends when the last one is acknowledged."""
        self._finishing = True

    async def set_fault(self, faulted: bool) -> None:
        """Simulate a fault of the whole charge point, or its end; sessions under way stop."""
        for connector in self.connectors:
            connector.faulted = faulted
            if not connector.stop("Other"):
                await connector.show_rest()

    @property
    def is_faulted(self) -> bool:
        """Whether a fault is simulated."""
        return any(connector.faulted for connector in self.connectors)

    def status(self) -> dict[str, Any]:
        """What the health page tells; energy in Wh, power in W."""
        return {
            "cp_id": self.options.cp_id,
            "status": "FAULT" if self.is_faulted else "OK",
            "version": self.options.version,
            "connected": self.connection.online.is_set(),
            "messages_waiting": len(self.outbox),
            "connectors": [
                {
                    "number": connector.number,
                    "state": connector.state.value,
                    "power_w": connector.meter.power_w,
                    "energy_wh": connector.meter.read(self._clock()).wh,
                    "transaction_id": connector.transaction and connector.transaction.wire_id,
                }
                for connector in self.connectors
            ],
        }

    # --- what it does by itself -------------------------------------------------------------------

    async def _greet(self) -> None:
        if not self._booted.is_set() or self.options.boots_on_reconnect:
            await self._boot()
        for connector in self.connectors:
            await connector.report()

    async def _boot(self) -> None:
        while True:
            answer = await self.connection.ask(self._dialect.boot(self.options, self._boot_reason))
            interval = int(answer.get("interval") or 0) or 300
            if answer["status"] == "Accepted":
                break
            await asyncio.sleep(interval)
        self.configuration.set("HeartbeatInterval", str(interval))
        self.connection.heartbeat_seconds = float(interval)
        self._booted.set()

    async def _work(self) -> None:
        await asyncio.gather(*(self._drive(connector) for connector in self.connectors))
        await asyncio.gather(*(connector.idle.wait() for connector in self.connectors))
        await self.outbox.drained()

    async def _drive(self, connector: Connector) -> None:
        await self._booted.wait()
        if self.options.sessions == 0:
            await asyncio.Event().wait()
        await asyncio.sleep(self.options.first_pause * connector.number)
        done = 0
        while done != self.options.sessions and not self._finishing:
            if connector.is_free_for(self.options.id_tag) and len(self.outbox) < self.options.queue_limit:
                await connector.charge(Transaction(connector.number, self.options.id_tag), authorize=True)
                done += 1
            if done != self.options.sessions and not self._finishing:
                await asyncio.sleep(self.options.pause_seconds)

    async def _say_goodbye(self) -> None:
        await self._stop_all("PowerLoss")
        if self.connection.online.is_set():
            await asyncio.wait({asyncio.ensure_future(self.outbox.drained())}, timeout=LAST_WORDS_SECONDS)
        await self.connection.drop()

    async def _stop_all(self, reason: str) -> None:
        for connector in self.connectors:
            connector.stop(reason)
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS_SECONDS):
                await asyncio.gather(*(connector.idle.wait() for connector in self.connectors))

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- what Central orders ----------------------------------------------------------------------

    def remote_start(
        self, connector: int | None, id_tag: str, token_type: str, remote_id: int | None
    ) -> bool:
        """Begin a session on the connector, or on any free one; False where that cannot be."""
        if self._finishing:
            return False
        for candidate in self.connectors:
            if candidate.is_free_for(id_tag) and connector in {None, 0, candidate.number}:
                transaction = Transaction(candidate.number, id_tag, token_type, remote_id)
                self._spawn(candidate.charge(transaction, authorize=False))
                return True
        return False

    def remote_stop(self, wire_id: int | str) -> bool:
        """End the session that has this id."""
        running = self._running(wire_id)
        return running is not None and running.stop("Remote")

    def reset(self, *, hard: bool, when_idle: bool = False) -> None:
        """End the sessions, or wait for their own end, disconnect and boot anew."""
        self._spawn(self._reset("HardReset" if hard else "SoftReset", when_idle=when_idle))

    def set_available(self, connector: int, *, available: bool) -> bool:
        """Take connectors in or out of service (0: all); False where a session must end first."""
        at_once = True
        for candidate in self.connectors:
            if connector in {0, candidate.number}:
                candidate.available = available
                if candidate.transaction is None:
                    self._spawn(candidate.show_rest())
                else:
                    at_once = False
        return at_once

    def unlock(self, connector: int) -> bool:
        """Unlock; a session there ends. False where the connector does not exist."""
        for candidate in self.connectors:
            if candidate.number == connector:
                candidate.stop("UnlockCommand")
                return True
        return False

    def trigger(self, message: str, connector: int | None) -> bool:
        """Send what was asked for; False where it is nothing that we can send."""
        meant = [each for each in self.connectors if connector in {None, 0, each.number}]
        told = self._triggered(message, meant)
        for each in told or ():
            self._spawn(self._tell(each))
        return told is not None

    def _triggered(self, message: str, meant: list[Connector]) -> list[Message] | None:
        now, words = self._clock(), self._dialect
        running = [(each, each.transaction) for each in meant if each.transaction is not None]
        known: dict[str, Callable[[], list[Message]]] = {
            "Heartbeat": lambda: [heartbeat()],
            "BootNotification": lambda: [words.boot(self.options, "Triggered")],
            "StatusNotification": lambda: [words.status(each.number, each.state, now) for each in meant],
            "MeterValues": lambda: [words.meter_values(each.number, each.meter.read(now)) for each in meant],
            "TransactionEvent": lambda: [words.triggered(its, each.meter.read(now)) for each, its in running],
        }
        return known[message]() if message in known else None

    def set_variable(self, name: str, value: str) -> bool:
        """Change a setting; intervals count from the next value on."""
        if not self.configuration.set(name, value):
            return False
        self.connection.heartbeat_seconds = self.configuration.seconds("HeartbeatInterval") or 300.0
        interval = self.configuration.seconds("MeterValueSampleInterval", "TxUpdatedInterval")
        if interval is not None and name != "HeartbeatInterval":
            for connector in self.connectors:
                connector.interval = interval
        return True

    def is_charging(self, connector: int) -> bool:
        """Whether a session is under way on a connector."""
        return any(each.number == connector and each.transaction for each in self.connectors)

    def is_running(self, wire_id: str) -> bool:
        """Whether a transaction goes on."""
        return self._running(wire_id) is not None

    def messages_waiting(self) -> bool:
        """Whether transaction messages wait for their acknowledgement."""
        return len(self.outbox) > 0

    def report(self, request_id: int) -> None:
        """Tell all settings, in parts (2.0.1 B07)."""
        self._spawn(self._report(request_id))

    async def _report(self, request_id: int) -> None:
        entries = [setting.entry() for setting in self.configuration.all()]
        starts = range(0, len(entries), ENTRIES_A_PART)
        for seq_no, start in enumerate(starts):
            payload = {
                "requestId": request_id,
                "generatedAt": stamp(self._clock()),
                "seqNo": seq_no,
                "tbc": start != starts[-1],
                "reportData": entries[start : start + ENTRIES_A_PART],
            }
            await self._tell(Message("NotifyReport", payload.copy))

    def _running(self, wire_id: int | str) -> Connector | None:
        for connector in self.connectors:
            if connector.transaction is not None and connector.transaction.wire_id == wire_id:
                return connector
        return None

    async def _reset(self, reason: str, *, when_idle: bool) -> None:
        if when_idle:
            await asyncio.gather(*(connector.idle.wait() for connector in self.connectors))
        await self._stop_all(reason)
        if reason == "SoftReset" and len(self.outbox):
            await asyncio.wait({asyncio.ensure_future(self.outbox.drained())}, timeout=LAST_WORDS_SECONDS)
        self._booted.clear()
        self._boot_reason = "RemoteReset"
        await self.connection.drop()

    async def _tell(self, message: Message) -> None:
        try:
            await self.connection.ask(message)
        except (Offline, Refusal) as error:
            log.info("simulator.not_told", action=message.action, error=str(error))
