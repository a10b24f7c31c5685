"""Questions that central asks upward; the rooms above answer them in AppConfig.ready()."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class RunningCost:
    """What a session costs so far: Decimal amounts with four decimals, ISO 4217 currency, UTC time."""

    amount_excl: Decimal
    amount_incl: Decimal
    currency: str
    as_of: datetime


RunningCosts = Callable[[Sequence[int]], dict[int, RunningCost]]


@dataclass(frozen=True, slots=True)
class SessionDocument:
    """What a session came to, for its page: words, address, amount incl. VAT, and where it went."""

    label: str
    url: str
    amount: Decimal
    currency: str
    state: str


SessionDocuments = Callable[[Sequence[int]], dict[int, Sequence[SessionDocument]]]


def _no_documents(session_ids: Sequence[int]) -> dict[int, Sequence[SessionDocument]]:
    return {}


def _no_costs(session_ids: Sequence[int]) -> dict[int, RunningCost]:
    return {}


class Ports:
    """The answers that the rooms above gave."""

    running_cost: RunningCosts = staticmethod(_no_costs)
    session_documents: SessionDocuments = staticmethod(_no_documents)


ports = Ports()
