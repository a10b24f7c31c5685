"""What running sessions cost so far: folds what is new since the stored state, only when somebody asks.

The meter values' path pays nothing, and the thousandth value costs as little as the tenth. Samples that came
too late for the fold count at the end, when the CDR folds everything from the start.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from billing.models import SessionRating
from billing.selectors.sample import Sample
from billing.selectors.samples import samples_since
from billing.services.periods import PeriodFold, PeriodState, period_open
from billing.services.rating import Rating, fold_all, rate, settle
from billing.services.rating_fold import Fold
from billing.services.rating_state import RatingState, UnknownStateError
from billing.services.session_ratings import ended_session_periods, session_ratings_open, session_zone
from billing.services.tariff_structure import TariffStructure
from billing.services.tariffs import version_structure
from central.models import Session
from central.models.session import SessionState
from central.ports import RunningCost

CHUNK = 200
PLACE = ("site", "organization")
COST_FIELDS = ("amount_excl", "amount_incl", "currency", "rated_until", "updated_at")
STATE_FIELDS = ["state", "rated_until", "amount_excl", "amount_incl"]


@dataclass(slots=True)
class _Fold:
    """Both folds of a running session, and the first register they began with."""

    base_wh: int | None
    periods: PeriodState
    rating: RatingState

    def as_json(self) -> dict[str, Any]:
        return {"base_wh": self.base_wh, "periods": self.periods.as_json(), "rating": self.rating.as_json()}


def running_costs(session_ids: Sequence[int]) -> dict[int, RunningCost]:
    """What the sessions cost so far; those without a tariff are missing. Ended ones: what their CDR says.

    At most six queries for 200 sessions.
    """
    ids = list(session_ids)
    found: dict[int, RunningCost] = {}
    for start in range(0, len(ids), CHUNK):
        found.update(_costs(ids[start : start + CHUNK]))
    return found


def _costs(ids: Sequence[int]) -> dict[int, RunningCost]:
    """Of most sessions of a list nothing is left to work out: those need not be read."""
    plain = SessionRating.objects.filter(Q(settled=True) | Q(tariff_version=None), session__in=ids)
    known = {pk: told for pk, *told in plain.values_list("pk", "tariff_version", *COST_FIELDS)}
    left = [pk for pk in ids if pk not in known]
    costs = {
        pk: RunningCost(excl, incl, currency, until or changed)
        for pk, (version, excl, incl, currency, until, changed) in known.items()
        if version is not None
    }
    return costs | (_worked_out(left) if left else {})


def _worked_out(ids: Sequence[int]) -> dict[int, RunningCost]:
    sessions = list(Session.objects.filter(pk__in=ids).select_related("rating__tariff_version", *PLACE))
    ratings = _ratings(sessions)
    priced = [each for each in sessions if ratings[each.pk].tariff_version is not None]
    pending = [each for each in priced if not ratings[each.pk].settled]
    folds = {each.pk: _stored_fold(each, ratings[each.pk]) for each in pending}
    since = {pk: None if fold is None else fold.periods.at for pk, fold in folds.items()}
    samples = samples_since(pending, since)
    tariffs = _structures(pending, ratings)
    costs: dict[int, RunningCost] = {}
    changed: list[SessionRating] = []
    for session in pending:
        row, new = ratings[session.pk], samples[session.pk]
        tariff = tariffs[row.tariff_version_id or 0, session_zone(session)]
        if session.state == SessionState.ENDED:
            costs[session.pk] = _ended_cost(session, tariff, new)
            continue
        fold = folds[session.pk]
        if fold is None or new:
            fold = _advance(session, fold, new, tariff, row)
            changed.append(row)
        costs[session.pk] = _cost(row, fold.rating.until or session.started_at)
    if changed:
        SessionRating.objects.filter(settled=False).bulk_update(changed, STATE_FIELDS)
    settled = {each.pk: ratings[each.pk] for each in priced if ratings[each.pk].settled}
    return costs | {pk: _cost(row, row.rated_until or row.updated_at) for pk, row in settled.items()}


def _ratings(sessions: Sequence[Session]) -> dict[int, SessionRating]:
    found = {each.pk: rating for each in sessions if (rating := getattr(each, "rating", None)) is not None}
    missing = [each for each in sessions if each.pk not in found]
    return found | (session_ratings_open(sessions=missing) if missing else {})


def _structures(
    sessions: Iterable[Session], ratings: Mapping[int, SessionRating]
) -> dict[tuple[int, str], TariffStructure]:
    """Each tariff version in each time zone once."""
    places = [(ratings[session.pk].tariff_version, session_zone(session)) for session in sessions]
    wanted = {(version.pk, zone): version for version, zone in places if version is not None}
    return {key: version_structure(version, key[1]) for key, version in wanted.items()}


def _stored_fold(session: Session, row: SessionRating) -> _Fold | None:
    """The stored folds; None where the session began anew for them (other start, other form, ended)."""
    if not row.state or session.state == SessionState.ENDED:
        return None
    try:
        fold = _Fold(
            row.state["base_wh"],
            PeriodState.from_json(row.state["periods"]),
            RatingState.from_json(row.state["rating"]),
        )
    except (UnknownStateError, KeyError):
        return None
    same = fold.base_wh == session.meter_start_wh and fold.periods.started_at == session.started_at
    return fold if same else None


def _advance(
    session: Session,
    fold: _Fold | None,
    samples: Iterable[Sample],
    tariff: TariffStructure,
    row: SessionRating,
) -> _Fold:
    """Fold the samples and write the outcome into `row` (not saved here)."""
    if fold is None:
        state, opened = period_open(session.started_at, session.meter_start_wh)
        fold = _Fold(session.meter_start_wh, state, fold_all(tariff, RatingState(), opened))
    periods, rating = PeriodFold(fold.periods), Fold(tariff, fold.rating)
    for sample in samples:
        if session.ended_at is None or sample.at <= session.ended_at:
            for period in periods.add(sample):
                rating.add(period)
    fold.periods, fold.rating = periods.state, rating.state
    _write(row, settle(tariff, fold.rating))
    row.state, row.rated_until = fold.as_json(), fold.periods.at
    return fold


def _write(row: SessionRating, rating: Rating) -> None:
    row.currency = rating.currency
    row.amount_excl, row.amount_incl = rating.total_excl, rating.total_incl


def _ended_cost(session: Session, tariff: TariffStructure, samples: Iterable[Sample]) -> RunningCost:
    """An ended session whose CDR is not made yet: the same computation, from the start."""
    rating = rate(tariff, ended_session_periods(session, samples))
    until = session.ended_at or session.started_at
    return RunningCost(rating.total_excl, rating.total_incl, rating.currency, until)


def _cost(row: SessionRating, as_of: datetime) -> RunningCost:
    return RunningCost(row.amount_excl, row.amount_incl, row.currency, as_of)
