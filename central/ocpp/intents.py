"""The tables of orders: what people may ask for, how it becomes a request, what its answer means."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from django import forms

from central.models import Command
from central.models.command import ORDER_WORDS
from central.ocpp.catalog import FROM_CHARGE_POINT, VERSIONS, known_actions
from central.ocpp.router import DoubleRegistration
from registry.rights import Right

Payload = dict[str, Any]
Build = Callable[[str, Command], tuple[str, Payload]]
Apply = Callable[[Command, Payload, Payload, datetime], bool]
Create = Callable[..., Command]
F = TypeVar("F", bound=Callable[..., Any])


class NoParams(forms.Form):
    """An order that needs no parameter."""


@dataclass(frozen=True, slots=True)
class Order:
    """What people and partners may ask for by intent; `form` checks its parameters in REST and on its page.

    `group` is where pages list it. `create(charge_point=, params=, requested_by=, reason=, source=, ttl=,
    now=) -> Command` stands in for plain queueing where an order needs rows of its own. `again` says that
    it only translates, so that its command may be queued once more as it stands. Fields, or choices
    (`kind=resume`), are offered to those charge points alone whose version can say them: `later` are not in
    OCPP 1.6, `newest` only in 2.1, `oldest` only in 1.6.
    """

    name: str
    label: Any
    explain: Any = ""
    form: type[forms.Form] = NoParams
    right: Right = Right.OPERATE
    group: str = "operation"
    icon: str = "send"
    danger: bool = False
    create: Create | None = None
    again: bool = False
    later: tuple[str, ...] = ()
    newest: tuple[str, ...] = ()
    oldest: tuple[str, ...] = ()

    def withheld(self, version: str) -> tuple[str, ...]:
        """What charge points of this version are not offered; nothing where it is not known."""
        if version == "1.6":
            return *self.later, *self.newest
        return {"2.0.1": (*self.newest, *self.oldest), "2.1": self.oldest}.get(version, ())

    @property
    def versions(self) -> tuple[str, ...]:
        """The versions of OCPP that can carry it."""
        return tuple(version for version in VERSIONS if (version, self.name) in BUILDERS)


BUILDERS: Final[dict[tuple[str, str], Build]] = {}
"""(version, order) -> how the order becomes a request."""
ANSWERS: Final[dict[tuple[str, str], Apply]] = {}
"""(version, action) -> what the answer to our request means."""
ORDER_ANSWERS: Final[dict[str, Apply]] = {}
"""order -> what the answer means for the order, beyond what it means for the action."""
ORDERS: Final[dict[str, Order]] = {}
"""Orders by name."""


def order(name: str, label: Any, **details: Any) -> Order:
    """Register an order for people and partners (see Order). Raises DoubleRegistration."""
    made = Order(name, label, **details)
    _put(ORDERS, name, made)
    ORDER_WORDS[name] = label
    return made


def command(order: str, *, versions: Iterable[str] = VERSIONS) -> Callable[[F], F]:
    """Register `build(version, command) -> (action, payload)` for an order; ValueError there tells why not.

    It is tried when the order is placed, so that who asks hears of the ValueError (what it writes then is
    rolled back), and called when the order leaves. Raises DoubleRegistration.
    """

    def register(function: F) -> F:
        for version in versions:
            _put(BUILDERS, (version, order), function)
        return function

    return register


def answer_of(action: str, *, versions: Iterable[str] = VERSIONS) -> Callable[[F], F]:
    """Register `apply(command, request, answer, now) -> accepted?`: what an answer to this action means.

    It holds however the action was asked for: by intent, or raw. Raises DoubleRegistration, and LookupError
    where the version does not let us send the action.
    """

    def register(function: F) -> F:
        for version in versions:
            if action not in to_charge_point(version):
                raise LookupError(f"Nobody sends {action} to a charge point in OCPP {version}.")
            _put(ANSWERS, (version, action), function)
        return function

    return register


def answer_to(order: str) -> Callable[[F], F]:
    """Register `apply(command, request, answer, now) -> accepted?` for one order, whatever action carries it.

    It runs after what `answer_of` says of the action, and its word counts. Raises DoubleRegistration.
    """

    def register(function: F) -> F:
        _put(ORDER_ANSWERS, order, function)
        return function

    return register


def to_charge_point(version: str) -> frozenset[str]:
    """The actions that a version lets us send; DataTransfer goes both ways."""
    return known_actions(version) - FROM_CHARGE_POINT[version] | {"DataTransfer"}


def _put(table: dict[Any, Any], key: Any, value: Any) -> None:
    if key in table:
        raise DoubleRegistration(f"{key} is registered twice.")
    table[key] = value
