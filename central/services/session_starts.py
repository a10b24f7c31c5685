"""Starts of many 1.6 transactions at once, in a constant number of statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction

from central.models import Command, IdToken, Session
from central.models.session import SessionState
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
    owners_of,
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
    plain = _plain(reports)
    try:
        with transaction.atomic():
            answers = _record([reports[place] for place in plain], reply)
    except IntegrityError:
        # One of the starts came in parallel, or a number is taken: single starts find out which.
        return {}
    return dict(zip(plain, answers, strict=True))


def _plain(reports: Sequence[Started]) -> list[int]:
    """The places of the plain ones."""
    starts = [report.start for report in reports]
    known = events_find({start.charge_point_id: [start.start_key] for start in starts})
    special = {charge_point_id for charge_point_id, _ in known} | _ordered(starts)
    taken = _taken(starts)
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


def _taken(starts: Sequence[Start]) -> set[tuple[int, int]]:
    """EVSEs with an open session, which a start there ends."""
    return set(_open.rows(charge_points=[start.charge_point_id for start in starts]))


_open: Final = Prepared(
    lambda charge_points: (
        Session.objects.filter(charge_point_id__among=charge_points, state=SessionState.ACTIVE)
        .exclude(evse_number=0)
        .order_by()
        .values_list("charge_point_id", "evse_number")
    )
)


def _record(reports: Sequence[Started], reply: Reply) -> list[dict[str, Any]]:
    if not reports:
        return []
    owners = owners_of([report.start.charge_point_id for report in reports])
    authorizations = authorize_many([_shown(report, owners) for report in reports])
    sessions = [
        _session(report, owners[report.start.charge_point_id], authorization)
        for report, authorization in zip(reports, authorizations, strict=True)
    ]
    now = max(report.now for report in reports)
    sessions_insert(sessions, now=now)
    answers = [reply(*pair) for pair in zip(sessions, authorizations, strict=True)]
    events_store([_event(*told) for told in zip(reports, sessions, answers, strict=True)])
    used = {answer.id_token_id for answer in authorizations if answer.id_token_id is not None}
    if used:
        update_many(IdToken, [{"id": pk, "last_used": now} for pk in sorted(used)])
    facts_append([fact_started(*pair) for pair in zip(sessions, [r.now for r in reports], strict=True)])
    after_commit_each(session_started, "session_id", [session.pk for session in sessions])
    return answers


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
