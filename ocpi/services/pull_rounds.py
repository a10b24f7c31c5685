"""A round of pulling: all lists that are due are read, each partner's by one thread."""

import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Final

from emobility.lib.egress import Line
from ocpi.models import PullState
from ocpi.services.crew import Crew, Watch
from ocpi.services.pull import page_pull
from ocpi.services.pull_states import pull_claim, pull_release, pulls_due

MOST_STARTED: Final = 50


class PullRound:
    """Whose lists are read just now; a list makes room for others after `turn_seconds`."""

    def __init__(self, clock: Callable[[], datetime], turn_seconds: float) -> None:
        self._crew, self._clock, self._turn_seconds = Crew(), clock, turn_seconds

    @property
    def is_busy(self) -> bool:
        """True while a list is read."""
        return self._crew.is_busy

    def step(self) -> int:
        """Begin to read what is due; answers how many lists that are."""
        now, begun = self._clock(), 0
        for state in pulls_due(now)[:MOST_STARTED]:
            if self._crew.room(state.partner_id, 1) and pull_claim(state=state, now=now):
                begun += 1
                self._crew.start(state.partner_id, partial(self._read, state.pk))
        return begun

    def collect(self, seconds: float) -> None:
        """Wait up to so many seconds for a turn to end."""
        self._crew.collect(seconds)

    def close(self) -> None:
        """Read those under way to the end of their turns."""
        while self.is_busy:
            self.collect(1.0)
        self._crew.close()

    def _read(self, state_id: int, watch: Watch) -> None:
        state = PullState.objects.select_related("partner__organization").get(pk=state_id)
        end = time.monotonic() + self._turn_seconds
        with Line() as line:
            while watch.time(lambda: page_pull(state=state, now=self._clock(), line=line)):
                if time.monotonic() > end:
                    pull_release(state=state)
                    return
