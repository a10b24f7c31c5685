"""The rating of a session: the tariff version that it began with, and what it comes to from the start."""

from collections.abc import Iterable, Sequence

from billing.models import SessionRating
from billing.selectors.sample import Sample
from billing.selectors.tariffs_in_force import versions_at_start
from billing.services.periods import session_periods
from billing.services.rating_state import Period
from central.models import Session


def session_ratings_open(*, sessions: Sequence[Session]) -> dict[int, SessionRating]:
    """Write down for each session the tariff version in force at its start; those written already stay."""
    versions = versions_at_start(sessions)
    rows = [
        SessionRating(
            session=session,
            tariff_version=version,
            currency=version.currency if version is not None else "",
        )
        for session in sessions
        for version in [versions[session.pk]]
    ]
    SessionRating.objects.bulk_create(rows, ignore_conflicts=True)
    return {row.session_id: row for row in rows}


def ended_session_periods(session: Session, samples: Iterable[Sample]) -> list[Period]:
    """The charging periods of an ended session; their energy is the session's energy exactly."""
    return session_periods(
        started_at=session.started_at,
        ended_at=session.ended_at or session.started_at,
        register_wh=session.meter_start_wh,
        total_wh=session.energy_wh,
        samples=samples,
    )


def session_zone(session: Session) -> str:
    """The time zone of the place where a session was: of its site, else of its organisation."""
    return (session.site or session.organization).time_zone
