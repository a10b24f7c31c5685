"""Errands: what must be asked of others before a request can be answered, with no transaction open meanwhile.

    @errand("GetCertificateStatus")
    def fetch(ctx: Context, request: dict[str, Any]) -> None:
        ...

A handler runs inside a transaction on a thread that everybody waits for, so it may not go to the network. An
errand runs before it, on a thread of its own and within a time limit (central.consumers.errands), and keeps
what it learned in rows; the handler reads them. `when` tells which requests need it, from the request alone.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

from central.ocpp.catalog import VERSIONS
from central.ocpp.context import Context
from central.ocpp.router import DoubleRegistration

Errand = Callable[[Context, dict[str, Any]], None]
When = Callable[[dict[str, Any]], bool]
F = TypeVar("F", bound=Errand)

ERRANDS: Final[dict[tuple[str, str], tuple[Errand, When]]] = {}
"""(version, action) -> the errand, and which requests need it."""


def errand(
    action: str, *, versions: Iterable[str] = VERSIONS, when: When = lambda request: True
) -> Callable[[F], F]:
    """Register `fetch(ctx, request)` for an incoming action. Raises DoubleRegistration."""

    def register(function: F) -> F:
        for version in versions:
            if (version, action) in ERRANDS:
                raise DoubleRegistration(f"The errand of {action} ({version}) is registered twice.")
            ERRANDS[version, action] = (function, when)
        return function

    return register


def errand_of(version: str, action: str, request: dict[str, Any]) -> Errand | None:
    """The errand that this request needs first."""
    found = ERRANDS.get((version, action))
    if found is None:
        return None
    function, when = found
    return function if when(request) else None
