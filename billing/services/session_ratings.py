"""The rating of a session: the tariff version that it began with, and what it comes to from the start."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from billing.models import SessionRating
from billing.selectors.sample import Sample
from billing.selectors.tariffs_in_force import Choice, tariffs_at_start
from billing.services.periods import session_periods
from billing.services.rating_state import Period
from billing.services.reservation_periods import reservation_period, reserved_before
from central.models import Session
from central.services.reservation_sessions import is_reservation_alone


def session_ratings_open(*, sessions: Sequence[Session]) -> dict[int, SessionRating]:
    """Write down for each session the tariff version in force at its start; those written already stay."""
    found = tariffs_at_start(sessions)
    rows = [_row(session, found[session.pk]) for session in sessions]
    SessionRating.objects.bulk_create(rows, ignore_conflicts=True)
    return {row.session_id: row for row in rows}


def session_ratings_renew(*, sessions: Sequence[Session]) -> dict[int, SessionRating]:
    """Look the tariff up anew, as at the start: a tag was shown after it had been written down.

    Settled ratings stay: their price is on a CDR.
    """
    SessionRating.objects.filter(session__in=[each.pk for each in sessions], settled=False).delete()
    return session_ratings_open(sessions=sessions)


def rating_is_outdated(row: SessionRating, session: Session) -> bool:
    """True where the tariff has to be looked up again: there was none, or a tag was shown since."""
    return row.tariff_version_id is None or was_shown_since(row, session)


def was_shown_since(row: SessionRating, session: Session) -> bool:
    """True where the tariff was looked up for another tag than the session has now."""
    return row.id_token_id != session.id_token_id and not row.settled


def _row(session: Session, choice: Choice | None) -> SessionRating:
    return SessionRating(
        session=session,
        tariff_version=choice.version if choice is not None else None,
        assignment=choice.assignment if choice is not None else None,
        currency=choice.version.currency if choice is not None else "",
        id_token_id=session.id_token_id,
    )


def ended_session_periods(
    session: Session, samples: Iterable[Sample], until: datetime | None = None
) -> list[Period]:
    """The periods of an ended session, that of its reservation first; their energy is the session's exactly.

    `until` is where one ends so far that has not ended. A session that is nothing but a reservation which
    expired has one period.
    """
    if is_reservation_alone(session.flags):
        ended_at = session.ended_at or session.started_at
        return [reservation_period(session.started_at, ended_at, expired=True)]
    charging = session_periods(
        started_at=session.started_at,
        ended_at=session.ended_at or until or session.started_at,
        register_wh=session.meter_start_wh,
        total_wh=session.energy_wh,
        samples=samples,
    )
    return [*reserved_before([session]).get(session.pk, ()), *charging]


def session_zone(session: Session) -> str:
    """The time zone of the place where a session was: of its site, else of its organisation."""
    return (session.site or session.organization).time_zone
