"""Meter values of many charge points at once: kept with their session, or alone, or in quarantine."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Q

from central.models import Session
from central.models.session import SessionState
from central.services.bulk_read import fetch_many
from central.services.ledger import METER, digest, event_row, events_quarantine
from central.services.meter_rows import NEEDED, USUAL, Row, meter_row, meter_rows_store_fresh, sessions_move
from central.services.prepared import Prepared
from central.services.progress import UNKNOWN_TRANSACTION, take
from central.services.readings import Reading
from central.services.session_end import session_reopen
from central.services.session_match import NO_TRANSACTION, locked_sessions, open_sessions, session_at
from central.signals import session_updated
from emobility.lib.bell import after_commit_each


@dataclass(frozen=True, slots=True)
class MeterReport:
    """One MeterValues message; `transaction_id` is None where none is named.

    `of_session` says that a session at its EVSE, if there is one, may be what it means (1.6).
    """

    charge_point_id: int
    evse_number: int
    connector_number: int
    transaction_id: str | None
    readings: list[Reading]
    payload: dict[str, Any]
    now: datetime
    of_session: bool = True


def meter_values_record(reports: Sequence[MeterReport]) -> None:
    """Store the readings of `reports` and move their sessions on, in a constant number of statements."""
    sessions = _by_charge_point(_sessions([report for report in reports if report.of_session]))
    rows: list[Row] = []
    lost: list[MeterReport] = []
    moved: dict[int, Session] = {}
    for report in reports:
        session = _session_of(report, sessions.get(report.charge_point_id, ()))
        if session is not None:
            _move(session, report)
            moved[session.pk] = session
        elif report.transaction_id is not None:
            lost.append(report)
        rows.extend(_rows(report, session))
    meter_rows_store_fresh(rows)
    events_quarantine([_stray(report) for report in lost])
    sessions_move(moved.values(), now=reports[-1].now)
    after_commit_each(session_updated, "session_id", moved.keys())


_named: Final = Prepared(
    lambda charge_points, numbers: locked_sessions(
        Q(charge_point_id__among=charge_points, transaction_id__among=numbers, ocpp_version="1.6")
    ).only(*USUAL)
)


def _by_charge_point(sessions: Iterable[Session]) -> dict[int, list[Session]]:
    found: dict[int, list[Session]] = {}
    for session in sessions:
        found.setdefault(session.charge_point_id, []).append(session)
    return found


def _sessions(reports: Sequence[MeterReport]) -> list[Session]:
    """The sessions that the reports may mean, locked: by number, and the open ones where no number fits."""
    if not reports:
        return []
    charge_points = {report.charge_point_id for report in reports}
    numbers = {report.transaction_id for report in reports if report.transaction_id} - NO_TRANSACTION
    known: list[Session] = _named.rows(charge_points=charge_points, numbers=numbers)
    pairs = {(session.charge_point_id, session.transaction_id) for session in known}
    lost = {
        report.charge_point_id
        for report in reports
        if (report.charge_point_id, report.transaction_id) not in pairs
    }
    if not lost:
        return known
    seen = {session.pk for session in known}
    others = fetch_many(locked_sessions(open_sessions(lost) & Q(ocpp_version="1.6")).only(*NEEDED))
    return known + [session for session in others if session.pk not in seen]


def _session_of(report: MeterReport, sessions: Sequence[Session]) -> Session | None:
    """The session that the report means, of those of its charge point."""
    if not report.of_session:
        return None
    for session in sessions:
        if session.transaction_id == report.transaction_id:
            return session
    at = report.readings[0].sampled_at if report.readings else report.now
    running = [session for session in sessions if session.state == SessionState.ACTIVE]
    return session_at(running, report.evse_number, at)


def _move(session: Session, report: MeterReport) -> None:
    latest = max((reading.sampled_at for reading in report.readings), default=None)
    is_named = report.transaction_id == session.transaction_id
    if is_named and session.provisional_end and latest and session.ended_at and latest > session.ended_at:
        session_reopen(session)
    if session.state == SessionState.ACTIVE:
        take(session, report.readings)


def _rows(report: MeterReport, session: Session | None) -> list[Row]:
    if session is None and report.transaction_id is not None:
        for reading in report.readings:
            reading.flags = sorted({*reading.flags, UNKNOWN_TRANSACTION})
    return [
        meter_row(
            charge_point_id=report.charge_point_id,
            session_id=session.pk if session else None,
            evse_number=report.evse_number,
            connector_number=report.connector_number,
            reading=reading,
            now=report.now,
        )
        for reading in report.readings
    ]


def _stray(report: MeterReport) -> Row:
    return event_row(
        charge_point_id=report.charge_point_id,
        session_id=None,
        key=f"meter:{report.transaction_id}:{digest(report.payload)}",
        kind=METER,
        at=report.readings[0].sampled_at if report.readings else report.now,
        payload=report.payload,
        answer={},
        now=report.now,
        quarantine_reason=UNKNOWN_TRANSACTION,
    )
