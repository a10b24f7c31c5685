"""Live sockets: how long from a change's acknowledgement to its frame at the last of all dashboards."""

import asyncio
import re
import time
from collections import defaultdict
from typing import Any, Final

import orjson
from websockets.asyncio.client import ClientConnection, connect

from benchmarks.chargers import Charger, Tally, fixed_rate, stamp
from benchmarks.telling import spread, tell

CONNECTS_AT_ONCE: Final = 20
STATES: Final = ("Available", "Preparing")
CURSOR: Final = re.compile(r'"cursor":"([^"]+)"')
SETTLE_SECONDS: Final = 3.0
"""After the last change: the frames that are still on their way."""


class Changer(Charger):
    """A charge point whose connector changes with each turn; remembers when each change was acknowledged."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.turns = 0
        self.done: dict[str, float] = {}

    async def change(self) -> None:
        """One StatusNotification that says something new."""
        self.turns += 1
        at = stamp()
        state = STATES[self.turns % 2]
        payload = {"connectorId": 1, "errorCode": "NoError", "status": state, "timestamp": at}
        await self.call("StatusNotification", payload)
        self.done[at] = time.perf_counter()


class Dashboards:
    """All sockets: when each frame reached the last of them, and which changes it told."""

    def __init__(self) -> None:
        self.sockets: list[ClientConnection] = []
        self.last: dict[str, float] = {}
        self.heard: dict[str, int] = defaultdict(int)
        self.told: dict[tuple[str, str], str] = {}
        self.ended = 0

    async def open(self, job: dict[str, Any]) -> None:
        """Connect them all; each has its snapshot when this is over."""
        gate = asyncio.Semaphore(CONNECTS_AT_ONCE)
        tokens = job["tokens"]

        async def one(number: int) -> None:
            async with gate:
                header = {"Authorization": f"Bearer {tokens[number % len(tokens)]}"}
                socket = await connect(
                    f"{job['dashboard']}/dashboard",
                    additional_headers=header,
                    compression=None,
                    ping_interval=None,
                    open_timeout=60,
                    max_size=None,
                    proxy=None,
                )
                await socket.recv()
                self.sockets.append(socket)

        await asyncio.gather(*(one(number) for number in range(job["sockets"])))

    async def follow(self, socket: ClientConnection, *, reads: bool) -> None:
        """Note each frame of a socket; one of them reads what it says."""
        try:
            async for text in socket:
                now = time.perf_counter()
                found = CURSOR.search(str(text[:200]))
                if found is None:
                    continue
                cursor = found[1]
                self.last[cursor] = now
                self.heard[cursor] += 1
                if reads:
                    self._read(cursor, text)
        finally:
            self.ended += 1

    def _read(self, cursor: str, text: str | bytes) -> None:
        for point in orjson.loads(text)["charge_points"]:
            for plug in point["connectors"]:
                self.told.setdefault((point["charge_point"], _second(plug["since"])), cursor)


def _second(moment: str) -> str:
    return moment[:23]


async def live(job: dict[str, Any]) -> None:
    """`sockets` dashboards, and charge points that change `rate` times a second together."""
    tally, stop = Tally(), asyncio.Event()
    changers = [Changer(cp_id, secret, tally) for cp_id, secret in job["chargers"]]
    for changer in changers:
        await changer.connect(job["url"])
        await changer.change()
    dashboards = Dashboards()
    await dashboards.open(job)
    readers = [
        asyncio.create_task(dashboards.follow(socket, reads=number == 0))
        for number, socket in enumerate(dashboards.sockets)
    ]
    every = len(changers) / job["rate"]
    tasks = [
        asyncio.create_task(fixed_rate(changer.change, stop, every, number / job["rate"]))
        for number, changer in enumerate(changers)
    ]
    await asyncio.sleep(job["warmup"])
    tell("begin")
    began = time.perf_counter()
    await asyncio.sleep(job["seconds"])
    ended = time.perf_counter()
    stop.set()
    await asyncio.gather(*tasks)
    await asyncio.sleep(SETTLE_SECONDS)
    latencies, missed = _latencies(changers, dashboards, began, ended)
    errors = missed + dashboards.ended + tally.errors
    tell("end", seconds=ended - began, errors=errors, **spread(latencies))
    await asyncio.gather(*(socket.close() for socket in dashboards.sockets), return_exceptions=True)
    await asyncio.gather(*readers, return_exceptions=True)
    await asyncio.gather(*(changer.close() for changer in changers))


def _latencies(
    changers: list[Changer], dashboards: Dashboards, began: float, ended: float
) -> tuple[list[float], int]:
    """Seconds from each acknowledgement to its frame at the last socket; and how many frames went missing.

    A change that another one of the same connector overtook within half a second is told by the later one.
    """
    latencies, missed = [], 0
    everybody = len(dashboards.sockets)
    for changer in changers:
        for at, done in changer.done.items():
            cursor = dashboards.told.get((changer.cp_id, _second(at)))
            if cursor is None or not began <= done <= ended:
                continue
            missed += dashboards.heard[cursor] < everybody
            latencies.append(max(0.0, dashboards.last[cursor] - done))
    return latencies, missed
