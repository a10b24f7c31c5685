"""One connection of a simulated charge point: the `ocpp` package's client side with clear errors."""

import asyncio
from collections.abc import Callable
from dataclasses import is_dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar, cast

from ocpp.charge_point import camel_to_snake_case, remove_nones, serialize_as_dict, snake_to_camel_case
from ocpp.exceptions import OCPPError, UnknownCallErrorCodeError
from ocpp.routing import after, on
from websockets.exceptions import ConnectionClosed

from central.ocpp.simulator.configuration import Configuration
from central.ocpp.simulator.dialects import Message
from central.ocpp.simulator.options import Options
from central.ocpp.simulator.power import Power


class Offline(Exception):
    """The connection ended, or nobody answered on it, before the answer came."""


class Refusal(Exception):
    """Central answered with a CALLERROR."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(f"{code}: {description}")
        self.code = code


class ReservationBook(Protocol):
    """What Central may ask about reservations."""

    def reserve(self, number: int, connector: int | None, id_tag: str, until: datetime) -> str: ...

    def cancel(self, number: int) -> bool: ...


class Orders(Protocol):
    """What Central may ask of a charge point; the station carries it out."""

    @property
    def options(self) -> Options: ...

    @property
    def power(self) -> Power: ...

    @property
    def reservations(self) -> ReservationBook: ...

    def is_charging(self, connector: int) -> bool: ...

    def remote_start(
        self, connector: int | None, id_tag: str, token_type: str, remote_id: int | None
    ) -> bool: ...

    def remote_stop(self, wire_id: int | str) -> bool: ...

    def reset(self, *, hard: bool, when_idle: bool = False) -> None: ...

    def set_available(self, connector: int, *, available: bool) -> bool: ...

    def unlock(self, connector: int) -> bool: ...

    def trigger(self, message: str, connector: int | None) -> bool: ...

    @property
    def configuration(self) -> Configuration: ...

    def set_variable(self, name: str, value: str) -> bool: ...

    def is_running(self, wire_id: str) -> bool: ...

    def messages_waiting(self) -> bool: ...

    def report(self, request_id: int) -> None: ...


class WireBase:
    """Mixin before one of the package's ChargePoint classes: `ask` instead of `call`, and the reader's end.

    `requests` and `results` are the package's dataclasses of the version.
    """

    requests: Any
    results: Any
    orders: Orders
    reader: "asyncio.Task[None]"

    def listen(self, orders: Orders) -> None:
        """Begin to read; Central's requests are passed to `orders`."""
        self.orders = orders
        self.reader = asyncio.create_task(self._listen())

    async def ask(self, message: Message) -> dict[str, Any]:
        """Send a request and give the answer in the words of the wire; raises Offline or Refusal."""
        fields = {snake_case(name): value for name, value in message.payload().items()}
        request = getattr(self.requests, message.action)(**fields)
        call = asyncio.ensure_future(cast(Any, self).call(request, suppress=False))
        try:
            await asyncio.wait({call, self.reader}, return_when=asyncio.FIRST_COMPLETED)
            if not call.done():
                raise Offline
            return on_the_wire(call.result())
        except (ConnectionClosed, TimeoutError) as error:
            raise Offline from error
        except (OCPPError, UnknownCallErrorCodeError) as error:
            raise Refusal(getattr(error, "code", "Unknown"), str(error)) from error
        finally:
            call.cancel()

    async def _listen(self) -> None:
        try:
            await cast(Any, self).start()
        except ConnectionClosed:
            return


def on_the_wire(answer: Any) -> dict[str, Any]:
    """The package's dataclass as the JSON object that it came from."""
    fields = serialize_as_dict(answer) if is_dataclass(answer) else answer
    return cast(dict[str, Any], snake_to_camel_case(remove_nones(fields)))


def snake_case(name: str) -> str:
    """The package's name of a field."""
    return str(next(iter(camel_to_snake_case({name: None}))))


Handler = TypeVar("Handler", bound=Callable[..., Any])


def order(action: str) -> Callable[[Handler], Handler]:
    """Mark what answers a request of Central (the package's `on`, typed)."""
    return cast(Callable[[Handler], Handler], on(action))


def answered(action: str) -> Callable[[Handler], Handler]:
    """Mark what happens once the answer is out (the package's `after`, typed)."""
    return cast(Callable[[Handler], Handler], after(action))
