"""Outlets: others who get something from us, again and again, until they have it.

A row that waits is claimed by moving its `next_attempt_at` to the end of a lease: whoever changed it has
it, and a killed worker's row is taken up again when the lease is over. An outlet that fails several times in
a row is left alone for a while, then probed. All are conditional updates: any number of workers may try.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Outlet(models.Model):
    """Somebody we send to: failures in a row, left alone until, and who serves it just now."""

    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    paused_until = models.DateTimeField(_("paused until"), null=True, blank=True)
    draining_until = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True


@dataclass(frozen=True, slots=True)
class Pauses:
    """Growing pauses: `first`, twice as long each time, at most `longest`; up to `jitter` (0..1) longer."""

    first: timedelta
    longest: timedelta
    jitter: float = 0.0
    chance: Callable[[], float] = random.random

    def after(self, attempts: int) -> timedelta:
        """The pause after so many attempts that failed (from 1 on)."""
        pause: timedelta = min(self.first * 2 ** min(max(attempts, 1) - 1, 30), self.longest)
        return pause + pause * self.jitter * self.chance()


@dataclass(frozen=True, slots=True)
class Breaker:
    """Leaves an outlet alone from the `after`-th failure in a row on, for growing `pauses`."""

    after: int
    pauses: Pauses

    def failed(self, outlets: models.QuerySet[Any], now: datetime) -> int:
        """Count a failure of the one outlet in `outlets`; answers how many in a row there are now."""
        outlets.update(failures=F("failures") + 1)
        failures: int = outlets.values_list("failures", flat=True).get()
        if failures >= self.after:
            outlets.update(paused_until=now + self.pauses.after(failures - self.after + 1))
        return failures


def not_paused(now: datetime) -> Q:
    """Outlets that may be sent to."""
    return Q(paused_until=None) | Q(paused_until__lte=now)


def turn_begin(outlets: models.QuerySet[Any], lease: timedelta, now: datetime) -> bool:
    """Become the one who serves the outlet in `outlets` for `lease`; False where somebody else does."""
    idle = Q(draining_until=None) | Q(draining_until__lte=now)
    return outlets.filter(idle).update(draining_until=now + lease) == 1


def turn_renew(outlets: models.QuerySet[Any], lease: timedelta, now: datetime) -> None:
    """Stay the one for another `lease`."""
    outlets.update(draining_until=now + lease)


def turn_end(outlets: models.QuerySet[Any]) -> None:
    """Let others serve the outlet."""
    outlets.update(draining_until=None)


def claim(rows: models.QuerySet[Any], row: Any, lease: timedelta, now: datetime, **changes: Any) -> bool:
    """Take a waiting `row` of `rows` for `lease`; False where another was quicker.

    `rows` names what must still hold; the row's `attempts` are counted.
    """
    free = rows.filter(pk=row.pk, next_attempt_at=row.next_attempt_at)
    return bool(free.update(next_attempt_at=now + lease, attempts=F("attempts") + 1, **changes))
