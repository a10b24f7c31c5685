"""The gate before the check of credentials: of one address only some are checked at once.

A whole site may knock at the same moment and is let in by turns; a stranger with a thousand sockets does not
keep the others waiting.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from weakref import WeakKeyDictionary

from django.conf import settings

from central.consumers.authentication import TOO_MANY, Knock, Refused
from central.consumers.regulars import admission
from registry.models import ChargePoint

WAITING_PER_ADDRESS: Final = 2000


class Crowd(Exception):
    """Too many wait already."""


class Gate:
    """The handshakes of one event loop, by address."""

    def __init__(self) -> None:
        self._inside: dict[str, int] = {}
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}

    @asynccontextmanager
    async def passing(self, address: str, limit: int) -> AsyncIterator[None]:
        """Wait for one of `limit` places of the address. Raises Crowd."""
        await self._enter(address, limit)
        try:
            yield
        finally:
            self._leave(address)

    async def _enter(self, address: str, limit: int) -> None:
        if self._inside.get(address, 0) < limit:
            self._inside[address] = self._inside.get(address, 0) + 1
            return
        waiting = self._waiting.setdefault(address, deque())
        if len(waiting) >= WAITING_PER_ADDRESS:
            raise Crowd
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self._leave(address)
            raise

    def _leave(self, address: str) -> None:
        """Hand the place to the next one, or give it up."""
        waiting = self._waiting.get(address)
        while waiting:
            place = waiting.popleft()
            if not place.done():
                place.set_result(None)
                return
        self._waiting.pop(address, None)
        self._inside[address] -= 1
        if not self._inside[address]:
            del self._inside[address]


_gates: WeakKeyDictionary[asyncio.AbstractEventLoop, Gate] = WeakKeyDictionary()


def gate() -> Gate:
    """The gate of the running event loop."""
    loop = asyncio.get_running_loop()
    found = _gates.get(loop)
    if found is None:
        found = _gates[loop] = Gate()
    return found


async def proved(knock: Knock) -> ChargePoint:
    """The charge point that proved itself, in the turn of its address. Raises Refused."""
    try:
        async with gate().passing(knock.address, settings.OCPP_KNOCKING_PER_ADDRESS):
            return await admission.ask(knock)
    except Crowd as error:
        raise Refused(TOO_MANY) from error
