"""The load: charge points as cheap as they can be made, so that the server is what is measured."""

import asyncio
import itertools
import time
from base64 import b64encode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

Frame = tuple[str, dict[str, Any]]
METER_VALUES_PER_SESSION = 10
CALL = 2
_ids = itertools.count(1)


@dataclass(slots=True)
class Tally:
    """What was answered and how fast, in seconds; counts only while `counting`."""

    counting: bool = False
    latencies: list[float] = field(default_factory=list)
    errors: int = 0

    def add(self, seconds: float, *, ok: bool) -> None:
        """One answer."""
        if self.counting:
            self.latencies.append(seconds)
            self.errors += not ok


class Charger:
    """One connection; 1.6, one request at a time.

    Orders that come between are answered `Accepted`; `ordered` hears of each.
    """

    subprotocol = "ocpp1.6"
    boot: dict[str, Any] = {"chargePointVendor": "Bench", "chargePointModel": "One"}

    def __init__(self, cp_id: str, secret: str, tally: Tally) -> None:
        self.cp_id, self._secret, self._tally = cp_id, secret, tally
        self.meter = 0
        self.ordered: Callable[[dict[str, Any]], None] | None = None
        self._socket: ClientConnection | None = None
        self._answers: dict[str, asyncio.Future[list[Any]]] = {}
        self._reader: asyncio.Task[None] | None = None

    async def connect(self, url: str) -> None:
        """Connect and boot."""
        user = b64encode(f"{self.cp_id}:{self._secret}".encode()).decode()
        self._socket = await connect(
            f"{url}/{self.cp_id}",
            subprotocols=[Subprotocol(self.subprotocol)],
            additional_headers={"Authorization": f"Basic {user}"},
            compression=None,
            ping_interval=None,
            open_timeout=60,
            proxy=None,
        )
        await self.call("BootNotification", self.boot)

    def listen(self) -> None:
        """From now on a task of its own reads: orders may come at any time."""
        self._reader = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        assert self._socket is not None
        async for text in self._socket:
            frame = orjson.loads(text)
            if frame[0] == CALL:
                await self._socket.send(orjson.dumps([3, frame[1], {"status": "Accepted"}]), text=True)
                if self.ordered is not None:
                    self.ordered(frame[3])
            elif frame[1] in self._answers:
                self._answers.pop(frame[1]).set_result(frame)

    async def call(self, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        """One request and its answer."""
        assert self._socket is not None
        number = str(next(_ids))
        frame = orjson.dumps([CALL, number, action, payload])
        began = time.perf_counter()
        if self._reader is None:
            await self._socket.send(frame, text=True)
            answer = orjson.loads(await self._socket.recv(decode=False))
        else:
            future = self._answers[number] = asyncio.get_running_loop().create_future()
            await self._socket.send(frame, text=True)
            answer = await future
        self._tally.add(time.perf_counter() - began, ok=answer[0] == 3)
        return answer[2] if answer[0] == 3 else {}

    async def close(self) -> None:
        """Disconnect."""
        if self._socket is not None:
            await self._socket.close()

    # --- scripts: one turn each ---------------------------------------------------------------------

    async def heartbeat(self) -> None:
        """A Heartbeat."""
        await self.call("Heartbeat", {})

    async def start(self) -> int:
        """A StartTransaction; the transaction id."""
        payload = {"connectorId": 1, "idTag": f"TAG-{self.cp_id}"[:20], "meterStart": self.meter}
        answer = await self.call("StartTransaction", payload | {"timestamp": stamp()})
        return int(answer.get("transactionId", -1))

    async def sample(self, transaction_id: int) -> None:
        """A MeterValues with energy, power and voltage."""
        self.meter += 50
        sampled = [
            {"value": str(self.meter), "measurand": "Energy.Active.Import.Register", "unit": "Wh"},
            {"value": "11000", "measurand": "Power.Active.Import", "unit": "W"},
            {"value": "230", "measurand": "Voltage", "unit": "V"},
        ]
        reading = [{"timestamp": stamp(), "sampledValue": sampled}]
        payload = {"connectorId": 1, "transactionId": transaction_id, "meterValue": reading}
        await self.call("MeterValues", payload)

    async def stop(self, transaction_id: int) -> None:
        """A StopTransaction."""
        payload = {"transactionId": transaction_id, "meterStop": self.meter, "timestamp": stamp()}
        await self.call("StopTransaction", payload)

    async def status(self, value: str) -> None:
        """A StatusNotification."""
        payload = {"connectorId": 1, "errorCode": "NoError", "status": value, "timestamp": stamp()}
        await self.call("StatusNotification", payload)

    async def session(self) -> None:
        """A whole session: 16 messages."""
        await self.status("Preparing")
        await self.call("Authorize", {"idTag": f"TAG-{self.cp_id}"[:20]})
        transaction_id = await self.start()
        await self.status("Charging")
        for _ in range(METER_VALUES_PER_SESSION):
            await self.sample(transaction_id)
        await self.stop(transaction_id)
        await self.status("Available")


def stamp() -> str:
    """The present as chargers write it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Turn = Callable[[], Awaitable[None]]


async def turns_of(charger: Charger, script: str) -> Turn:
    """What a charger repeats in a scenario."""
    if script == "heartbeat":
        return charger.heartbeat
    if script == "session":
        return charger.session
    transaction_id = await charger.start()
    return lambda: charger.sample(transaction_id)


async def closed_loop(turn: Turn, stop: asyncio.Event) -> None:
    """The next turn as soon as the last one is over."""
    while not stop.is_set():
        await turn()


async def fixed_rate(turn: Turn, stop: asyncio.Event, every: float, offset: float) -> None:
    """A turn each `every` seconds, however long it takes; a late one is not made up for in a burst."""
    due = time.monotonic() + offset
    while not stop.is_set():
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        await turn()
        due = max(due + every, time.monotonic() - every)
