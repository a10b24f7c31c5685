"""The mark of a session: another one as soon as a meter value, a state or an end moved the session on."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final

from central.models import Session

MARKED: Final = (
    "updated_at",
    "state",
    "charging_state",
    "meter_last_at",
    "meter_last_wh",
    "energy_wh",
    "ended_at",
)
"""The columns that the mark is made of."""
Mark = tuple[Any, ...]


def session_mark(session: Session) -> Mark:
    """The mark of a row as it was read or stored; rows with equal marks cost the same."""
    return _marked(session)


_marked: Final[Callable[[Session], Mark]] = attrgetter(*MARKED)
