"""What billing does when central rings: a session's end gets its CDR."""

import time
from collections.abc import Set

from billing.tasks import make_cdrs
from central.signals import session_ended
from emobility.lib.bell import gathers

CDRS_PER_SECOND = 20


class Allowance:
    """So many per second; in a storm the periodic sweep does the rest in bulk, off the busy server."""

    def __init__(self, per_second: int) -> None:
        self._per_second = per_second
        self._second, self._given = 0, 0

    def take(self, second: int) -> bool:
        """True where this second has one left."""
        if second != self._second:
            self._second, self._given = second, 0
        self._given += 1
        return self._given <= self._per_second


allowance = Allowance(CDRS_PER_SECOND)


@gathers([session_ended], "session_id", seconds=0.1)
def on_sessions_ended(session_ids: Set[int]) -> None:
    """Poke the worker; it is the row that says whether there is anything to do."""
    second = int(time.monotonic())
    chosen = [session_id for session_id in sorted(session_ids) if allowance.take(second)]
    if chosen:
        make_cdrs.delay(session_ids=chosen)
