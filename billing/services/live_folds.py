"""Running sessions' folds, kept in the process: one more meter value costs microseconds and no statement.

A fold is known by its session's mark (central.selectors.session_marks): where the row says what the fold has
seen, nothing needs to be read. It can always be made again, from the state that is stored now and then and
the meter values since. Whoever works with a fold takes it out; nobody else has it meanwhile.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from operator import attrgetter
from typing import Any, Final

from django.db import transaction

from billing.selectors.sample import Sample
from billing.services.periods import PeriodFold, PeriodState, period_open
from billing.services.rating import totals
from billing.services.rating_fold import Fold
from billing.services.rating_state import Period, RatingState, UnknownStateError
from billing.services.tariff_structure import TariffStructure
from central.models import Session
from central.models.session import SessionState
from central.ports import RunningCost
from central.selectors.session_marks import Mark

MOST: Final = 20_000
"""Folds of a process; about 3 kB each. The longest unused one goes first."""
MOST_UNSTORED: Final = 1000
"""Samples (readings and states) after which a fold's state is stored again."""
_beginning: Final[Callable[[Session], tuple[Any, ...]]] = attrgetter(
    "meter_start_wh", "started_at", "charging_preference", "reservation_id"
)


class LiveFold:
    """Both folds of a running session: what it is of, how far it came, and the cost there."""

    __slots__ = (
        "_base_wh",
        "_began",
        "_periods",
        "_rating",
        "_reservation",
        "_started_at",
        "_tariff",
        "cost",
        "id_token_id",
        "key",
        "seen",
        "since",
        "unstored",
    )

    def __init__(
        self, session: Session, tariff: TariffStructure, periods: PeriodState, rating: RatingState
    ) -> None:
        self.key, self.id_token_id = session.pk, session.id_token_id
        self._began, self._reservation = _beginning(session), session.reservation_id
        self._tariff, self._base_wh, self._started_at = tariff, session.meter_start_wh, session.started_at
        self._periods, self._rating = PeriodFold(periods), Fold(tariff, rating)
        self.since: datetime | None = periods.at
        self.seen: Mark | None = None
        self.unstored = 0
        self.cost = self._cost()

    @classmethod
    def opened(cls, session: Session, tariff: TariffStructure, before: Iterable[Period] = ()) -> "LiveFold":
        """The fold at the start of a session; `before` are the periods of its reservation."""
        state, opened = period_open(session.started_at, session.meter_start_wh)
        fold = cls(session, tariff, state, RatingState())
        for period in (*before, *opened):
            fold._rating.add(period)
        fold.since, fold.unstored, fold.cost = None, MOST_UNSTORED, fold._cost()
        return fold

    @classmethod
    def stored(cls, session: Session, tariff: TariffStructure, data: Mapping[str, Any]) -> "LiveFold | None":
        """The fold as `as_json` wrote it; None where its form is another, or the session began anew."""
        try:
            periods = PeriodState.from_json(data["periods"])
            rating = RatingState.from_json(data["rating"])
            same = data["base_wh"] == session.meter_start_wh and periods.started_at == session.started_at
            same = same and data.get("reservation") == session.reservation_id
        except (UnknownStateError, KeyError):
            return None
        return cls(session, tariff, periods, rating) if same else None

    def fits(self, session: Session) -> bool:
        """True while the session is the one that the fold began with, at the same kind of price, and runs."""
        return self._began == _beginning(session) and session.state == SessionState.ACTIVE

    def feed(self, samples: Sequence[Sample], seen: Mark) -> None:
        """Fold the samples, in the order of their time; the fold then knows all that the mark stands for."""
        for sample in samples:
            for period in self._periods.add(sample):
                self._rating.add(period)
        since = self.since or self._started_at
        self.since, self.seen = max(since, samples[-1].at) if samples else since, seen
        self.unstored += len(samples)
        self.cost = self._cost()

    @property
    def must_be_stored(self) -> bool:
        """True where making it again would mean to read many rows."""
        return self.unstored >= MOST_UNSTORED

    def as_json(self) -> dict[str, Any]:
        """What to store; its size does not depend on how much was folded."""
        return {
            "base_wh": self._base_wh,
            "periods": self._periods.state.as_json(),
            "rating": self._rating.state.as_json(),
            "reservation": self._reservation,
        }

    def _cost(self) -> RunningCost:
        rating = self._rating
        excl, incl = totals(self._tariff, rating.usages, begun=rating.begun)
        return RunningCost(excl, incl, self._tariff.currency, rating.until or self._started_at)


_folds: OrderedDict[int, LiveFold] = OrderedDict()


def fold_take(session_id: int) -> LiveFold | None:
    """The fold of a session, for the caller alone until it is kept again."""
    return _folds.pop(session_id, None)


def fold_return(fold: LiveFold | None) -> None:
    """Give back one that was only looked at."""
    if fold is not None:
        _folds[fold.key] = fold


def folds_keep(folds: Sequence[LiveFold]) -> None:
    """Keep folds for the next question, once what they saw is committed: a fold cannot be turned back.

    What another thread kept meanwhile is as good.
    """
    transaction.on_commit(partial(_keep, folds))


def _keep(folds: Sequence[LiveFold]) -> None:
    for fold in folds:
        _folds[fold.key] = fold
    while len(_folds) > MOST:
        try:
            _folds.popitem(last=False)
        except KeyError:
            break


def folds_forget() -> None:
    """Forget all; each is made again when it is asked for."""
    _folds.clear()
