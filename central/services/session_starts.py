"""Starts of many 1.6 transactions at once, in a constant number of statements."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from central.models import Command, IdToken, Session
from central.services.authorization import Authorization, Shown, authorize_many
from central.services.bulk import update_many
from central.services.ledger import STARTED, event_row, events_find, events_store
from central.services.prepared import Prepared
from central.services.reviews import SKEW_LIMIT
from central.services.session_rows import fact_started, facts_append, sessions_insert
from central.services.session_start import (
    REMOTE_START,
    REMOTE_START_WINDOW,
    UNANSWERED,
    Owner,
    Reply,
    Start,
    places_of,
    session_made,
    session_start,
    session_tag,
    transaction_number,
)
from central.signals import session_started
from emobility.lib.bell import after_commit_each


@dataclass(frozen=True, slots=True)
class Started:
    """A reported start as it came."""

    start: Start
    payload: dict[str, Any]
    now: datetime


def session_starts(reports: Sequence[Started], reply: Reply) -> list[dict[str, Any]]:
    """Record starts and return their answers, in their order.

    What is not plain (a repeat, a start on an EVSE where a session is open, one that may obey a remote
    start, a second one of the same charge point) goes the way of single starts, after the plain ones.
    """
    found = _together(reports, reply)
    return [
        found[place]
        if place in found
        else session_start(start=one.start, payload=one.payload, reply=reply, now=one.now)
        for place, one in enumerate(reports)
    ]


def _together(reports: Sequence[Started], reply: Reply) -> dict[int, dict[str, Any]]:
    """The answers of those that could be recorded together, by place."""
    owners, taken = places_of([report.start.charge_point_id for report in reports])
    plain = _plain(reports, taken)
    answers = _record([reports[place] for place in plain], owners, reply)
    return {place: answer for place, answer in zip(plain, answers, strict=True) if answer is not None}


def _plain(reports: Sequence[Started], taken: Collection[tuple[int, int]]) -> list[int]:
    """The places of the plain ones."""
    starts = [report.start for report in reports]
    known = events_find({start.charge_point_id: [start.start_key] for start in starts})
    special = {charge_point_id for charge_point_id, _ in known} | _ordered(starts)
    plain = []
    for place, start in enumerate(starts):
        if start.charge_point_id in special or (start.charge_point_id, start.evse_number) in taken:
            continue
        special.add(start.charge_point_id)
        plain.append(place)
    return plain


def _ordered(starts: Sequence[Start]) -> set[int]:
    """Charge points with a remote start that one of the starts may obey."""
    rows = _orders.rows(
        charge_points=[start.charge_point_id for start in starts],
        since=min(start.at for start in starts) - REMOTE_START_WINDOW,
        until=max(start.at for start in starts) + SKEW_LIMIT,
    )
    return {charge_point_id for (charge_point_id,) in rows}


_orders: Final = Prepared(
    lambda charge_points, since, until: (
        Command.objects.filter(
            charge_point_id__among=charge_points,
            order=REMOTE_START,
            created_at__gte=since,
            created_at__lte=until,
        )
        .exclude(state__in=UNANSWERED)
        .order_by()
        .values_list("charge_point_id")
    )
)


def _record(
    reports: Sequence[Started], owners: Mapping[int, Owner], reply: Reply
) -> list[dict[str, Any] | None]:
    """Store the starts; the answers, None where the start came in parallel or the number is taken."""
    if not reports:
        return []
    authorizations = authorize_many([_shown(report, owners) for report in reports])
    sessions = [
        _session(report, owners[report.start.charge_point_id], authorization)
        for report, authorization in zip(reports, authorizations, strict=True)
    ]
    now = max(report.now for report in reports)
    sessions_insert(sessions, now=now)
    made = [told for told in zip(reports, sessions, authorizations, strict=True) if told[1].pk is not None]
    answers = {session.pk: reply(session, authorization) for _, session, authorization in made}
    events_store([_event(report, session, answers[session.pk]) for report, session, _ in made])
    used = {answer.id_token_id for _, _, answer in made if answer.id_token_id is not None}
    update_many(IdToken, [{"id": pk, "last_used": now} for pk in sorted(used)])
    facts_append([fact_started(session, report.now) for report, session, _ in made])
    after_commit_each(session_started, "session_id", list(answers))
    return [answers.get(session.pk) for session in sessions]


def _shown(report: Started, owners: Mapping[int, Owner]) -> Shown:
    start = report.start
    organization_id, _ = owners[start.charge_point_id]
    return Shown(
        start.charge_point_id,
        organization_id,
        start.id_tag,
        start.id_tag_type,
        report.now,
        starting=True,
        **start.shown_with,
    )


def _session(report: Started, owner: Owner, authorization: Authorization) -> Session:
    start = replace(report.start, transaction_id=transaction_number())
    session = session_made(start, owner, now=report.now)
    session_tag(session, start.id_tag, start.id_tag_type, authorization)
    return session


def _event(report: Started, session: Session, answer: Mapping[str, Any]) -> dict[str, Any]:
    return event_row(
        charge_point_id=session.charge_point_id,
        session_id=session.pk,
        key=report.start.start_key,
        kind=STARTED,
        at=report.start.at,
        payload=report.payload,
        answer=answer,
        now=report.now,
    )
