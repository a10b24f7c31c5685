"""What running sessions cost so far: folds what is new since the last answer, only when somebody asks.

The meter values' path pays nothing unless its own answer tells the cost, and then it hands over what it just
read (`running_costs_moved`). The thousandth value costs as little as the tenth. Samples that came too late
for the fold count at the end, when the CDR folds everything from the start.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Q

from billing.models import SessionRating
from billing.selectors.sample import Sample
from billing.selectors.samples import moved_samples, samples_since
from billing.services.live_folds import LiveFold, fold_return, fold_take, folds_keep
from billing.services.rating import rate
from billing.services.rating_state import Period
from billing.services.reservation_periods import reserved_before
from billing.services.session_ratings import (
    ended_session_periods,
    session_ratings_open,
    session_ratings_renew,
    session_zone,
    was_shown_since,
)
from billing.services.tariff_structure import TariffStructure
from billing.services.tariffs import version_structure
from central.models import Session
from central.models.session import SessionState
from central.ports import RunningCost, SessionMove
from central.selectors.session_marks import MARKED, session_mark

CHUNK = 200
PLACE = ("site", "organization")
COST_FIELDS = (
    "pk",
    "tariff_version",
    "amount_excl",
    "amount_incl",
    "currency",
    "rated_until",
    "updated_at",
)
STATE_FIELDS = ["state", "rated_until", "amount_excl", "amount_incl"]
NEEDED: Final = (
    *MARKED,
    "charge_point_id",
    "ocpp_version",
    "evse_number",
    "started_at",
    "start_received_at",
    "meter_start_wh",
    "id_token_id",
    "charging_preference",
    "reservation_id",
)
"""What a session's known fold needs of its row."""


@dataclass(slots=True)
class _Asked:
    """A session whose fold is, or will be, up to date; its rating where that was read."""

    session: Session
    fold: LiveFold
    row: SessionRating | None = None


def running_costs(session_ids: Sequence[int]) -> dict[int, RunningCost]:
    """What the sessions cost so far; those without a tariff are missing. Ended ones: what their CDR says.

    At most six queries for 200 sessions; two where nothing is new.
    """
    ids = list(session_ids)
    found: dict[int, RunningCost] = {}
    for start in range(0, len(ids), CHUNK):
        found.update(_costs(ids[start : start + CHUNK]))
    return found


def running_costs_moved(moves: Sequence[SessionMove]) -> dict[int, RunningCost]:
    """The costs of sessions that were just moved on, from what moved them: no query for a fold in step."""
    found: dict[int, RunningCost] = {}
    kept: list[LiveFold] = []
    left: list[int] = []
    for move in moves:
        session = move.session
        key = session.id  # not pk: a property of Django's that takes longer than the look for the fold
        fold = fold_take(key)
        if fold is None or fold.seen != move.before or not fold.fits(session):
            left.append(key)
            fold_return(fold)
            continue
        fold.feed(moved_samples(move), session_mark(session))
        found[key] = fold.cost
        kept.append(fold)
        if fold.must_be_stored:
            _store([_Asked(session, fold)])
    if kept:
        folds_keep(kept)
    return found | running_costs(left) if left else found


def _costs(ids: Sequence[int]) -> dict[int, RunningCost]:
    """Of most sessions of a list nothing is left to work out: those need not be read."""
    warm = _known(ids)
    left = [pk for pk in ids if pk not in warm]
    costs = _plain(left) if left else {}
    asked = list(warm.values())
    left = [pk for pk in left if pk not in costs]
    ended: list[tuple[Session, TariffStructure]] = []
    if left:
        _read(left, asked, ended, costs)
    costs |= _worked_out(asked, ended)
    return {pk: cost for pk, cost in costs.items() if cost is not None}


def _known(ids: Sequence[int]) -> dict[int, _Asked]:
    """The sessions whose folds this process has, with their rows of now."""
    folds = {pk: fold for pk in ids if (fold := fold_take(pk)) is not None}
    if not folds:
        return {}
    sessions = Session.objects.filter(pk__in=folds).only(*NEEDED)
    return {
        session.pk: _Asked(session, folds[session.pk])
        for session in sessions
        if folds[session.pk].fits(session) and folds[session.pk].id_token_id == session.id_token_id
    }


def _plain(ids: Sequence[int]) -> dict[int, RunningCost | None]:
    """What is settled, and what has no tariff (None): their sessions need not be read."""
    rows = SessionRating.objects.filter(Q(settled=True) | Q(tariff_version=None), session__in=ids)
    return {
        pk: None if version is None else RunningCost(excl, incl, currency, until or changed)
        for pk, version, excl, incl, currency, until, changed in rows.values_list(*COST_FIELDS)
    }


def _read(
    ids: Sequence[int],
    asked: list[_Asked],
    ended: list[tuple[Session, TariffStructure]],
    costs: dict[int, RunningCost | None],
) -> None:
    """Sessions that this process knows nothing of: their rating, and the fold as it was stored, or anew."""
    sessions = list(Session.objects.filter(pk__in=ids).select_related("rating__tariff_version", *PLACE))
    ratings = _ratings(sessions)
    tariffs = _structures(sessions, ratings)
    reserved = reserved_before(sessions)
    for session in sessions:
        row = ratings[session.pk]
        tariff = tariffs.get((row.tariff_version_id, session_zone(session)))
        if tariff is None or row.settled:
            costs[session.pk] = _settled(row) if tariff is not None else None
        elif session.state == SessionState.ENDED:
            ended.append((session, tariff))
        else:
            fold = LiveFold.stored(session, tariff, row.state) if row.state else None
            asked.append(_Asked(session, fold or _opened(session, tariff, reserved), row))


def _opened(
    session: Session, tariff: TariffStructure, reserved: Mapping[int, tuple[Period, ...]]
) -> LiveFold:
    return LiveFold.opened(session, tariff, reserved.get(session.pk, ()))


def _worked_out(
    asked: Sequence[_Asked], ended: Sequence[tuple[Session, TariffStructure]]
) -> dict[int, RunningCost]:
    """Bring the folds up to date with one look at what is new, and price whole those that ended."""
    behind = [each for each in asked if each.fold.seen != session_mark(each.session)]
    since: dict[int, datetime | None] = {each.session.pk: each.fold.since for each in behind}
    since |= {session.pk: None for session, _ in ended}
    sessions = [*(each.session for each in behind), *(session for session, _ in ended)]
    samples = samples_since(sessions, since) if sessions else {}
    for each in behind:
        each.fold.feed(_within(each.session, samples[each.session.pk]), session_mark(each.session))
    _store([each for each in behind if each.fold.must_be_stored])
    folds_keep([each.fold for each in asked])
    costs = {session.pk: _ended_cost(session, tariff, samples[session.pk]) for session, tariff in ended}
    return costs | {each.session.pk: each.fold.cost for each in asked}


def _within(session: Session, samples: Sequence[Sample]) -> Sequence[Sample]:
    ended_at = session.ended_at
    return samples if ended_at is None else [sample for sample in samples if sample.at <= ended_at]


def _store(asked: Sequence[_Asked]) -> None:
    """Put the folds' states away, so that a new process need not read a whole night."""
    read = [each for each in asked if each.row is not None]
    rows = [SessionRating(pk=each.session.pk, **_columns(each.fold)) for each in read]
    if rows:
        SessionRating.objects.filter(settled=False).bulk_update(rows, STATE_FIELDS)
    for each in asked:
        if each.row is None:
            SessionRating.objects.filter(pk=each.session.pk, settled=False).update(**_columns(each.fold))
        each.fold.unstored = 0


def _columns(fold: LiveFold) -> dict[str, Any]:
    cost = fold.cost
    return {
        "state": fold.as_json(),
        "rated_until": fold.since,
        "amount_excl": cost.amount_excl,
        "amount_incl": cost.amount_incl,
    }


def _ratings(sessions: Sequence[Session]) -> dict[int, SessionRating]:
    found = {each.pk: rating for each in sessions if (rating := getattr(each, "rating", None)) is not None}
    missing = [each for each in sessions if each.pk not in found]
    outdated = [each for each in sessions if each.pk in found and was_shown_since(found[each.pk], each)]
    found |= session_ratings_open(sessions=missing) if missing else {}
    return found | (session_ratings_renew(sessions=outdated) if outdated else {})


def _structures(
    sessions: Iterable[Session], ratings: Mapping[int, SessionRating]
) -> dict[tuple[int | None, str], TariffStructure]:
    """Each tariff version in each time zone once."""
    places = [(ratings[session.pk].tariff_version, session_zone(session)) for session in sessions]
    wanted = {(version.pk, zone): version for version, zone in places if version is not None}
    return {key: version_structure(version, key[1]) for key, version in wanted.items()}


def _ended_cost(session: Session, tariff: TariffStructure, samples: Iterable[Sample]) -> RunningCost:
    """An ended session whose CDR is not made yet: the same computation, from the start."""
    rating = rate(tariff, ended_session_periods(session, samples))
    until = session.ended_at or session.started_at
    return RunningCost(rating.total_excl, rating.total_incl, rating.currency, until)


def _settled(row: SessionRating) -> RunningCost:
    as_of = row.rated_until or row.updated_at
    return RunningCost(row.amount_excl, row.amount_incl, row.currency, as_of)
