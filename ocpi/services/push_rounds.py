"""A round of pushing: whoever has something due is served, all at the same time.

A partner with much to get has several threads, each with its own kept connection; one that fails has one.
"""

import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Final

from emobility.lib.egress import Line
from ocpi.models import Delivery, Partner
from ocpi.models.delivery import DeliveryState
from ocpi.selectors.outbox import partners_due
from ocpi.services.crew import Crew, Watch
from ocpi.services.outbox import drain_begin, drain_end, drain_renew
from ocpi.services.push import delivery_push_next

LANES: Final = 4
LANE_LOAD: Final = 8
"""With so many deliveries due a partner gets one more thread."""
RENEW_SECONDS: Final = 5.0
Clock = Callable[[], datetime]


class PushRound:
    """Who is served just now; `turn_seconds` is how long one partner is."""

    def __init__(self, clock: Clock, turn_seconds: float) -> None:
        self._crew, self._clock, self._turn_seconds = Crew(), clock, turn_seconds
        self._sent: list[int] = []

    @property
    def is_busy(self) -> bool:
        """True while somebody is served."""
        return self._crew.is_busy

    @property
    def sent(self) -> int:
        """How many requests were made so far."""
        return len(self._sent)

    def step(self) -> int:
        """Begin to serve those that have something due; answers how many began."""
        now, begun = self._clock(), 0
        for partner_id in partners_due(now):
            lanes = self._crew.room(partner_id, _lanes(partner_id, now))
            if lanes and drain_begin(partner_id=partner_id, now=now):
                begun += 1
                for _ in range(lanes):
                    self._crew.start(partner_id, partial(self._lane, partner_id))
        return begun

    def collect(self, seconds: float) -> None:
        """Wait up to so many seconds for somebody to be served."""
        for partner_id in self._crew.collect(seconds):
            drain_end(partner_id=partner_id)

    def close(self) -> None:
        """Serve those under way to the end of their turns."""
        while self.is_busy:
            self.collect(1.0)
        self._crew.close()

    def _lane(self, partner_id: int, watch: Watch) -> None:
        end = renewed = time.monotonic()
        end += self._turn_seconds
        with Line() as line:
            while time.monotonic() < end and watch.time(partial(self._push, partner_id, line)):
                self._sent.append(partner_id)
                if time.monotonic() - renewed > RENEW_SECONDS:
                    renewed = time.monotonic()
                    drain_renew(partner_id=partner_id, now=self._clock())

    def _push(self, partner_id: int, line: Line) -> bool:
        return delivery_push_next(partner_id=partner_id, now=self._clock(), line=line)


def _lanes(partner_id: int, now: datetime) -> int:
    """How many threads a partner is worth."""
    if Partner.objects.filter(pk=partner_id, failures__gt=0).exists():
        return 1
    due = Delivery.objects.filter(
        partner_id=partner_id, state=DeliveryState.WAITING, next_attempt_at__lte=now
    )
    return min(LANES, 1 + len(due.values_list("pk")[: LANES * LANE_LOAD]) // LANE_LOAD)
