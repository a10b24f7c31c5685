"""Reservations of a simulated charge point: a connector is kept for a tag until a time."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from central.ocpp.simulator.connector import Connector
from central.ocpp.simulator.dialects import Message

Spawn = Callable[[Coroutine[Any, Any, Any]], None]
Tell = Callable[[Message], Coroutine[Any, Any, None]]


@dataclass(slots=True)
class Held:
    """A reservation by its number, for a tag or its group."""

    number: int
    id_tag: str
    until: datetime


class Reservations:
    """Keeps connectors; `tell` sends a message, `spawn` runs work beside."""

    def __init__(
        self,
        connectors: Sequence[Connector],
        clock: Callable[[], datetime],
        spawn: Spawn,
        tell: Tell,
        *,
        tells_end: bool,
    ) -> None:
        self._connectors, self._clock = connectors, clock
        self._spawn, self._tell, self._tells_end = spawn, tell, tells_end

    def reserve(self, number: int, connector: int | None, id_tag: str, until: datetime) -> str:
        """Keep a connector, or any; the status of the answer (1.6 §5.13, 2.x H01)."""
        self.cancel(number)
        here = [each for each in self._connectors if connector in {None, 0, each.number}]
        free = next((each for each in here if each.is_free_for(id_tag) and each.reserved is None), None)
        if free is not None:
            free.reserved = Held(number, id_tag, until)
            self._spawn(free.show_rest())
            self._spawn(self._expire(free, free.reserved))
            return "Accepted"
        if not here:
            return "Rejected"
        if all(each.faulted for each in here):
            return "Faulted"
        return "Unavailable" if not any(each.available for each in here) else "Occupied"

    def cancel(self, number: int) -> bool:
        """Give a connector free; False where there is no such reservation."""
        for connector in self._connectors:
            if connector.reserved is not None and connector.reserved.number == number:
                connector.reserved = None
                self._spawn(connector.show_rest())
                return True
        return False

    async def _expire(self, connector: Connector, held: Held) -> None:
        await asyncio.sleep(max(0.0, (held.until - self._clock()).total_seconds()))
        if connector.reserved is not held:
            return
        connector.reserved = None
        await connector.show_rest()
        if self._tells_end:
            payload = {"reservationId": held.number, "reservationUpdateStatus": "Expired"}
            await self._tell(Message("ReservationStatusUpdate", lambda: payload))
