"""Updates of many 2.x transactions at once, in a constant number of statements."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q

from central.models import Session
from central.models.session import SessionState
from central.services.bulk_read import fetch_many
from central.services.ledger import Known, events_find, events_store
from central.services.meter_rows import meter_rows_store, session_rows, sessions_move
from central.services.session_match import locked_sessions
from central.services.transactions import (
    TransactionEvent,
    event_columns,
    move_on,
    transaction_event,
)
from central.signals import session_updated
from emobility.lib.bell import after_commit

Update = tuple[TransactionEvent, datetime]


def transaction_updates(updates: Sequence[Update]) -> None:
    """Record updates without a token; their answer is empty.

    What is not plain (an unknown or ended session, a number used twice) goes the way of single events.
    """
    sessions = _sessions(updates)
    known = _known(updates)
    plain: list[tuple[TransactionEvent, datetime, Session]] = []
    special: list[Update] = []
    for event, now in updates:
        session = sessions.get((event.charge_point_id, event.transaction_id))
        stored = known.get((event.charge_point_id, event.key))
        if session is None or not _is_running(session):
            special.append((event, now))
        elif stored is None:
            known[event.charge_point_id, event.key] = Known({}, event.kind, event.at, session.pk)
            plain.append((event, now, session))
        elif not event.repeats(stored):
            special.append((event, now))
    _write(plain)
    for event, now in special:
        transaction_event(event=event, reply=_nothing, now=now)


def _nothing(_: object) -> dict[str, Any]:
    return {}


def _sessions(updates: Sequence[Update]) -> dict[tuple[int, str], Session]:
    mine = Q(
        charge_point_id__in={event.charge_point_id for event, _ in updates},
        transaction_id__in={event.transaction_id for event, _ in updates},
    )
    return {
        (session.charge_point_id, session.transaction_id): session
        for session in fetch_many(locked_sessions(mine))
    }


def _known(updates: Sequence[Update]) -> dict[tuple[int, str], Known]:
    keys: dict[int, set[str]] = {}
    for event, _ in updates:
        keys.setdefault(event.charge_point_id, set()).add(event.key)
    return events_find(keys)


def _is_running(session: Session) -> bool:
    return session.state == SessionState.ACTIVE and session.end_seq_no is None


def _write(plain: Sequence[tuple[TransactionEvent, datetime, Session]]) -> None:
    if not plain:
        return
    touched: dict[int, Session] = {}
    for event, _, session in plain:
        move_on(session, event)
        touched[session.pk] = session
    events_store([event_columns(event, session, event.key, {}, now) for event, now, session in plain])
    meter_rows_store(
        [row for event, now, session in plain for row in session_rows(session, event.readings, now)]
    )
    sessions_move(touched.values(), now=plain[-1][1])
    for session_id in touched:
        after_commit(session_updated, session_id=session_id)
