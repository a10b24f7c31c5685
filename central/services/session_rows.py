"""Sessions and the facts about them as rows: many of them by one statement."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from central.models import Session
from central.services.bulk import insert_many, insert_numbered, update_many
from registry.models import Event

Fact = dict[str, Any]


@cache
def _columns() -> tuple[tuple[str, str], ...]:
    """(column, attribute) of everything but the key."""
    fields = Session._meta.concrete_fields  # noqa: SLF001 -- Django's public name for it has the underscore
    return tuple((str(field.column), field.attname) for field in fields if not field.primary_key)


def _row(session: Session) -> dict[str, Any]:
    return {column: getattr(session, attribute) for column, attribute in _columns()}


def sessions_insert(sessions: Sequence[Session], *, now: datetime) -> None:
    """Store new sessions and give them their keys. Raises IntegrityError where one is there already."""
    for session in sessions:
        session.updated_at = now
    ids = insert_numbered(Session, [_row(session) for session in sessions])
    for session in sessions:
        session.pk = ids[session.uid]


def sessions_store(sessions: Sequence[Session], *, now: datetime) -> None:
    """Store locked sessions with all that changed."""
    ordered = sorted(sessions, key=lambda session: session.pk)
    for session in ordered:
        session.updated_at = now
    update_many(Session, [{"id": session.pk} | _row(session) for session in ordered])


def fact_started(session: Session, now: datetime) -> Fact:
    """The event log's row of a session that began."""
    data = {
        "session_id": session.pk,
        "transaction_id": session.transaction_id,
        "evse": session.evse_number,
        "authorization": session.authorization_status,
    }
    return _fact(session, "session.started", data, now)


def fact_ended(session: Session, now: datetime) -> Fact:
    """The event log's row of a session that ended, also provisionally."""
    data = {
        "session_id": session.pk,
        "energy_wh": session.energy_wh,
        "provisional": session.provisional_end,
        "review": session.review_reasons,
    }
    return _fact(session, "session.ended", data, now)


def _fact(session: Session, kind: str, data: Mapping[str, Any], now: datetime) -> Fact:
    return {
        "organization_id": session.organization_id,
        "charge_point_id": session.charge_point_id,
        "kind": kind,
        "subject": str(session.uid),
        "data": data,
        "at": now,
    }


def facts_append(facts: Sequence[Fact]) -> None:
    """Write facts to the event log."""
    insert_many(Event, facts)
