"""What billing does when central rings: a session's end gets its CDR."""

import time
from typing import Any

from django.dispatch import receiver

from billing.tasks import make_cdr
from central.signals import session_ended

TASKS_PER_SECOND = 20


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


allowance = Allowance(TASKS_PER_SECOND)


@receiver(session_ended, dispatch_uid="billing.session_ended")
def on_session_ended(session_id: int, **_: Any) -> None:
    """Poke the worker; it is the row that says whether there is anything to do."""
    if allowance.take(int(time.monotonic())):
        make_cdr.delay(session_id=session_id)
