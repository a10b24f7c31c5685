"""The table of incoming actions: which function serves which one (that of orders: intents.py)."""

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


ACTIONS: Final[dict[tuple[str, str], ActionEntry]] = {}


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


def _claim(entry: ActionEntry, place: str, function: Callable[..., Any], what: str) -> None:
    if getattr(entry, place) is not None:
        raise DoubleRegistration(f"{what}: {place} is registered twice.")
    setattr(entry, place, function)


def discover() -> None:
    """Import every action, every command and every vendor of the project."""
    import_all("central.ocpp.actions")
    import_all("central.ocpp.commands")
    import_all("central.ocpp.vendors")
