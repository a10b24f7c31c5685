"""The open charge point sockets of this process: wakes them, and ends those that lost their right.

Other processes ring the channel-layer group `charge_points`. A lost ring costs seconds: a sweep asks the
database every few seconds who owns what. Trouble of the channel layer never reaches a socket.
"""

import asyncio
from collections.abc import Collection
from functools import partial
from typing import Any, Final, Protocol
from uuid import UUID
from weakref import WeakKeyDictionary

import structlog

from central.consumers.layer import follow
from central.ocpp import batch
from central.selectors.live import Ownership, ownerships, waiting_for_orders
from emobility.lib.clock import utc_now

log = structlog.get_logger(__name__)

GROUP: Final = "charge_points"
ORDER: Final = "charge_point.order"
"""Rings where an order waits; every other ring asks who owns the charge point now."""
SWEEP_SECONDS: Final = 3.0


class Socket(Protocol):
    """What the switchboard knows of a connection."""

    charge_point_id: int
    connection_id: UUID
    token_version: int

    def wake(self) -> None:
        """Look for orders."""

    def end(self, code: int, why: str) -> None:
        """Close the socket."""


class Switchboard:
    """The sockets of one event loop, at most one for each charge point."""

    def __init__(self) -> None:
        self.sockets: dict[int, Socket] = {}
        self._tasks: list[asyncio.Task[None]] = []

    def join(self, socket: Socket) -> None:
        """Register the newest connection of a charge point; the one before it ends."""
        before = self.sockets.get(socket.charge_point_id)
        self.sockets[socket.charge_point_id] = socket
        if before is not None:
            before.end(1000, "replaced")
        if not self._tasks:
            self._tasks = [
                asyncio.create_task(follow(GROUP, "chargepoints", self._heard)),
                asyncio.create_task(self._sweep()),
            ]

    def leave(self, socket: Socket) -> None:
        """Forget a connection; nothing happens where a newer one took its place."""
        if self.sockets.get(socket.charge_point_id) is socket:
            del self.sockets[socket.charge_point_id]

    async def check(self, charge_point_ids: Collection[int]) -> None:
        """Compare with the database: end what was replaced or revoked, wake what has orders waiting."""
        ids = [number for number in charge_point_ids if number in self.sockets]
        if not ids:
            return
        before = {number: self.sockets[number] for number in ids}
        owners, waiting = await batch.run_reading(partial(_state, ids))
        for number, socket in before.items():
            if self.sockets.get(number) is socket:
                _judge(socket, owners.get(number), has_orders=number in waiting)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            try:
                await self.check(list(self.sockets))
            except Exception as error:  # noqa: BLE001 -- the database may be away; the next sweep asks again
                log.warning("ocpp.sweep_failed", error=repr(error)[:200])

    async def _heard(self, message: dict[str, Any]) -> None:
        """An order is claimed by whoever owns the charge point, so nothing needs to be compared before."""
        number = message.get("charge_point_id")
        if not isinstance(number, int) or number not in self.sockets:
            return
        if message["type"] == ORDER:
            self.sockets[number].wake()
        else:
            await self.check([number])


def _state(ids: Collection[int]) -> tuple[dict[int, Ownership], set[int]]:
    return ownerships(ids), waiting_for_orders(ids, utc_now())


def _judge(socket: Socket, owner: Ownership | None, *, has_orders: bool) -> None:
    if owner is None or not owner.registered or owner.token_version != socket.token_version:
        socket.end(4403, "revoked")
    elif owner.connection_id != socket.connection_id:
        socket.end(1000, "replaced" if owner.connection_id else "disconnected")
    elif has_orders:
        socket.wake()


_switchboards: WeakKeyDictionary[asyncio.AbstractEventLoop, Switchboard] = WeakKeyDictionary()


def switchboard() -> Switchboard:
    """The switchboard of the running event loop."""
    loop = asyncio.get_running_loop()
    found = _switchboards.get(loop)
    if found is None:
        found = _switchboards[loop] = Switchboard()
    return found
