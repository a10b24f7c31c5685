"""Work in the background: a CDR soon after a session's end, and sweeps for what a lost bell missed."""

import structlog
from celery import shared_task

from billing.selectors.cdrs import sessions_rated_for_another, sessions_without_cdr, sessions_without_rating
from billing.services.cdrs import cdr_create, sessions_to_correct
from billing.services.expired_reservations import expired_reservations_bill
from billing.services.review_cases import reviews_open_missing
from billing.services.session_ratings import session_ratings_open, session_ratings_renew
from billing.services.settlement_checks import settlements_compare
from emobility.lib.clock import utc_now
from emobility.lib.errors import NotFound

BATCH = 500
SCHEDULE = {
    "missing CDRs": {"task": "billing.sweep_cdrs", "schedule": 10, "options": {"expires": 10}},
    "missing CDRs of all times": {
        "task": "billing.sweep_cdrs",
        "schedule": 3600,
        "kwargs": {"deep": True},
        "options": {"expires": 3600},
    },
    "tariffs of running sessions": {
        "task": "billing.open_ratings",
        "schedule": 10,
        "options": {"expires": 10},
    },
    "expired reservations": {
        "task": "billing.bill_expired_reservations",
        "schedule": 30,
        "options": {"expires": 30},
    },
    "review queue": {"task": "billing.open_reviews", "schedule": 30, "options": {"expires": 30}},
}
log = structlog.get_logger(__name__)


@shared_task(name="billing.make_cdr")
def make_cdr(*, session_id: int) -> None:
    """The CDR of one session; a repeat, a running or an unknown session changes nothing."""
    try:
        cdr_create(session_id=session_id, now=utc_now())
    except NotFound:
        log.warning("billing.unknown_session", session_id=session_id)


@shared_task(name="billing.make_cdrs")
def make_cdrs(*, session_ids: list[int]) -> None:
    """The CDRs of some sessions; one that fails is logged, found again by the sweep, and stops no other."""
    for session_id in session_ids:
        try:
            make_cdr(session_id=session_id)
        except Exception:
            log.exception("billing.cdr_failed", session_id=session_id)


@shared_task(name="billing.sweep_cdrs")
def sweep_cdrs(*, deep: bool = False) -> int:
    """Ask for the CDRs that are missing or say what was corrected since, each by a task of its own.

    `deep` looks for missing ones in all of history.
    """
    now = utc_now()
    missing = sessions_without_cdr(now, deep=deep, limit=BATCH) + sessions_to_correct(now, BATCH)
    for session_id in missing:
        make_cdr.delay(session_id=session_id)
    return len(missing)


@shared_task(name="billing.open_reviews")
def open_reviews() -> int:
    """Put into the review queue what is held, in quarantine or settled otherwise, and not there yet."""
    now = utc_now()
    return reviews_open_missing(now=now, limit=BATCH) + settlements_compare(now=now, limit=BATCH)


@shared_task(name="billing.open_ratings")
def open_ratings() -> int:
    """Write down with which tariff version running sessions began; anew where a tag was shown since."""
    sessions = sessions_without_rating(BATCH)
    session_ratings_open(sessions=sessions)
    tagged = sessions_rated_for_another(BATCH)
    session_ratings_renew(sessions=tagged)
    return len(sessions) + len(tagged)


@shared_task(name="billing.bill_expired_reservations")
def bill_expired_reservations() -> int:
    """Give reservations that nobody came for their sessions, where that costs something."""
    return expired_reservations_bill(now=utc_now(), limit=BATCH)
