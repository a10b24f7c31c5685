"""Reservations that nobody came for: where the tariff prices them, each gets its session, and so its CDR."""

from datetime import datetime

from billing.selectors.tariffs_in_force import tariffs_at_start
from billing.services.tariffs import version_structure
from central.services.reservation_sessions import (
    expired_session_store,
    expired_sessions,
    reservations_expired,
)


def expired_reservations_bill(*, now: datetime, limit: int) -> int:
    """Make the sessions of expired reservations that cost something; how many."""
    sessions = expired_sessions(reservations_expired(now, limit), now)
    choices = tariffs_at_start(sessions) if sessions else {}
    made = 0
    for reservation_id, choice in choices.items():
        if choice is None:
            continue
        elements = version_structure(choice.version).elements
        if any(element.restrictions.reservation is not None for element in elements):
            made += expired_session_store(reservation_id=reservation_id, now=now) is not None
    return made
