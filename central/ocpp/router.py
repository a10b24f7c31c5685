"""The tables: which function serves an incoming action, which one builds an order. Filled by decorators."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from central.ocpp.catalog import FROM_CHARGE_POINT, VERSIONS
from central.ocpp.context import Context
from emobility.lib.discovery import import_all

Request = dict[str, Any]
Handle = Callable[[Context, Request], dict[str, Any]]
HandleMany = Callable[[Sequence[tuple[Context, Request]]], Sequence[dict[str, Any]]]
When = Callable[[Request], bool]
Build = Callable[[str, Any], tuple[str, dict[str, Any]]]
Apply = Callable[..., bool]
F = TypeVar("F", bound=Callable[..., Any])


class DoubleRegistration(Exception):
    """Two functions claim the same place in a table."""


@dataclass(slots=True)
class ActionEntry:
    """How an action is served: alone, or together with others where `when` (or its absence) allows."""

    handle: Handle | None = None
    handle_many: HandleMany | None = None
    when: When | None = None

    def for_many(self, request: Request) -> bool:
        """True where the request may share a transaction with others."""
        return self.handle_many is not None and (self.when is None or self.when(request))


@dataclass(slots=True)
class CommandEntry:
    """How an order becomes a request, and what its answer means."""

    build: Build | None = None
    apply: Apply | None = None


ACTIONS: Final[dict[tuple[str, str], ActionEntry]] = {}
COMMANDS: Final[dict[tuple[str, str], CommandEntry]] = {}


def action(
    name: str, *, versions: Iterable[str] = VERSIONS, many: bool = False, when: When | None = None
) -> Callable[[F], F]:
    """Register `handle(ctx, request)`, or with `many` `handle_many(calls)`, for an incoming action.

    `when` limits the many-form to some requests. Raises DoubleRegistration and LookupError (no such action).
    """

    def register(function: F) -> F:
        for version in versions:
            if name not in FROM_CHARGE_POINT[version]:
                raise LookupError(f"No charge point sends {name} in OCPP {version}.")
            entry = ACTIONS.setdefault((version, name), ActionEntry())
            _claim(entry, "handle_many" if many else "handle", function, f"{name} ({version})")
            if many:
                entry.when = when
        return function

    return register


def command(order: str, *, versions: Iterable[str] = VERSIONS) -> Callable[[F], F]:
    """Register `build(version, command) -> (action, payload)` for an order. Raises DoubleRegistration."""

    def register(function: F) -> F:
        for version in versions:
            entry = COMMANDS.setdefault((version, order), CommandEntry())
            _claim(entry, "build", function, f"{order} ({version})")
        return function

    return register


def command_answer(order: str, *, versions: Iterable[str] = VERSIONS) -> Callable[[F], F]:
    """Register `apply(command, answer, now) -> accepted?` for an order. Raises DoubleRegistration."""

    def register(function: F) -> F:
        for version in versions:
            entry = COMMANDS.setdefault((version, order), CommandEntry())
            _claim(entry, "apply", function, f"{order} ({version})")
        return function

    return register


def _claim(entry: ActionEntry | CommandEntry, place: str, function: Callable[..., Any], what: str) -> None:
    if getattr(entry, place) is not None:
        raise DoubleRegistration(f"{what}: {place} is registered twice.")
    setattr(entry, place, function)


def discover() -> None:
    """Import every action and every command of the project."""
    import_all("central.ocpp.actions")
    import_all("central.ocpp.commands")
