"""Events of many 2.x transactions at once, in a constant number of statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Q

from central.models import IdToken, Session
from central.models.session import SessionState
from central.ports import SessionMove
from central.selectors.session_marks import Mark, session_mark
from central.services.authorization import Authorization, Shown, authorize_many
from central.services.bulk import update_many
from central.services.ledger import ENDED, STARTED, UPDATED, events_find, events_store
from central.services.meter_rows import NEEDED, meter_rows_store, session_rows, sessions_move
from central.services.prepared import Prepared
from central.services.session_match import locked_sessions
from central.services.session_rows import (
    fact_started,
    facts_append,
    sessions_insert,
    sessions_store,
    updates_due,
    updates_tell,
)
from central.services.session_start import owners_of, session_made, session_tag
from central.services.transaction_ends import transactions_end
from central.services.transactions import (
    Reply,
    TransactionEvent,
    event_apply,
    event_columns,
    event_start,
    transaction_event,
)
from central.signals import session_started, session_updated
from emobility.lib.bell import after_commit_each

Answer = dict[str, Any]


@dataclass(slots=True)
class Told:
    """An event as it came, and what is found out about it on the way."""

    event: TransactionEvent
    organization_id: int
    now: datetime
    session: Session | None = None
    authorization: Authorization | None = None
    answer: Answer | None = None
    before: Mark | None = None
    """The session's mark before the event, where the event moved it on the usual way."""

    @property
    def place(self) -> tuple[int, str]:
        """Charge point and transaction."""
        return self.event.charge_point_id, self.event.transaction_id

    @property
    def move(self) -> SessionMove | None:
        """How the session moved, where it did on the usual way."""
        if self.before is None or self.session is None:
            return None
        event = self.event
        return SessionMove(self.session, self.before, event.readings, event.at, event.charging_state)

    @property
    def is_usual(self) -> bool:
        """True for the frequent ones: an update that shows no token and names no order."""
        event = self.event
        names_order = event.remote_start_id is not None or event.reservation_id is not None
        return event.kind == UPDATED and event.token is None and not names_order


def transaction_events(told: Sequence[Told], reply: Reply) -> list[Answer]:
    """Record events of different charge points and return their answers, in their order.

    What is not plain (a repeat, an unknown or ended transaction, a number used twice, an EVSE where a session
    is open, the token of somebody else) goes the way of single events, after the plain ones.
    """
    # The sessions are locked first: nobody else adds an event to them after that.
    _find_sessions(told)
    fresh = _fresh(told)
    running = [one for one in fresh if one.session is not None and _is_plain(one, one.session)]
    _begin([one for one in fresh if one.session is None and one.event.kind == STARTED], reply)
    _go_on(running, reply)
    return [
        one.answer if one.answer is not None else transaction_event(event=one.event, reply=reply, now=one.now)
        for one in told
    ]


def _fresh(told: Sequence[Told]) -> list[Told]:
    """Those whose number we have not seen: the first one of each charge point."""
    keys: dict[int, set[str]] = {}
    for one in told:
        keys.setdefault(one.event.charge_point_id, set()).add(one.event.key)
    known, seen, fresh = events_find(keys), set(), []
    for one in told:
        charge_point_id = one.event.charge_point_id
        if (charge_point_id, one.event.key) not in known and charge_point_id not in seen:
            fresh.append(one)
        seen.add(charge_point_id)
    return fresh


def _find_sessions(told: Sequence[Told]) -> None:
    for query, group in (
        (_moving, [one for one in told if one.is_usual]),
        (_whole, [one for one in told if not one.is_usual]),
    ):
        if group:
            charge_points, numbers = zip(*(one.place for one in group), strict=True)
            rows = query.rows(charge_points=charge_points, numbers=numbers)
            sessions = {(row.charge_point_id, row.transaction_id): row for row in rows}
            for one in group:
                one.session = sessions.get(one.place)


_whole: Final = Prepared(
    lambda charge_points, numbers: locked_sessions(
        Q(charge_point_id__among=charge_points, transaction_id__among=numbers)
    )
)
_moving: Final = Prepared(
    lambda charge_points, numbers: locked_sessions(
        Q(charge_point_id__among=charge_points, transaction_id__among=numbers)
    ).only(*NEEDED, "end_seq_no")
)


# --- starts ---------------------------------------------------------------------------------------------


def _begin(told: Sequence[Told], reply: Reply) -> None:
    """Open the sessions of starts; those on an EVSE where one is open are left to the careful way."""
    if not told:
        return
    taken = set(_open.rows(charge_points=[one.event.charge_point_id for one in told]))
    plain = [one for one in told if (one.event.charge_point_id, one.event.evse_number) not in taken]
    try:
        with transaction.atomic():
            _open_sessions(plain, reply)
    except IntegrityError:
        # Another event of one of the transactions was quicker: single events find out which.
        for one in plain:
            one.answer = None


_open: Final = Prepared(
    lambda charge_points: (
        Session.objects.filter(charge_point_id__among=charge_points, state=SessionState.ACTIVE)
        .exclude(evse_number=0)
        .order_by()
        .values_list("charge_point_id", "evse_number")
    )
)


def _open_sessions(told: Sequence[Told], reply: Reply) -> None:
    if not told:
        return
    owners = owners_of([one.event.charge_point_id for one in told])
    for one in told:
        owner = owners[one.event.charge_point_id]
        one.session = session_made(event_start(one.event), owner, now=one.now)
    _authorize(told)
    for one, session in _with_sessions(told):
        event_apply(session, one.event, one.now)
    sessions = [session for _, session in _with_sessions(told)]
    sessions_insert(sessions, now=told[-1].now)
    _keep(told, reply)
    facts_append([fact_started(session, one.now) for one, session in _with_sessions(told)])
    after_commit_each(session_started, "session_id", [session.pk for session in sessions])


# --- updates and ends -----------------------------------------------------------------------------------


def _is_plain(told: Told, session: Session) -> bool:
    event = told.event
    running = session.state == SessionState.ACTIVE and session.end_seq_no is None
    own_tag = event.token is None or not session.id_tag or event.token[0].upper() == session.id_tag.upper()
    return running and (event.kind != ENDED or own_tag)


def _go_on(told: Sequence[Told], reply: Reply) -> None:
    """Move running sessions on, and end those whose last event this is."""
    if not told:
        return
    _authorize(told)
    for one, session in _with_sessions(told):
        one.before = session_mark(session) if one.is_usual else None
        event_apply(session, one.event, one.now)
        if one.event.kind == ENDED and one.event.token is not None:
            session.stop_id_tag = one.event.token[0]
    _keep(told, reply)
    _store(told)


def _store(told: Sequence[Told]) -> None:
    now = told[-1].now
    usual = [session for one, session in _with_sessions(told) if one.is_usual]
    whole = [session for one, session in _with_sessions(told) if not one.is_usual]
    ended = [session for one, session in _with_sessions(told) if one.event.kind == ENDED]
    sessions_move(usual, now=now)
    finished = transactions_end(ended, now=now) if ended else set()
    unfinished = [session for session in whole if session.pk not in finished]
    due = updates_due(unfinished, now)
    sessions_store(unfinished, now=now)
    updates_tell(due, now=now)
    moved = [session.pk for session in (*usual, *unfinished)]
    after_commit_each(session_updated, "session_id", moved)


# --- both -----------------------------------------------------------------------------------------------


def _with_sessions(told: Sequence[Told]) -> list[tuple[Told, Session]]:
    return [(one, one.session) for one in told if one.session is not None]


def _authorize(told: Sequence[Told]) -> None:
    """Answer for the tokens that were shown; the first one is whose session it is (C01, E03)."""
    showing = [(one, session) for one, session in _with_sessions(told) if one.event.token is not None]
    answers = authorize_many([_shown(one, session) for one, session in showing])
    used: dict[int, datetime] = {}
    for (one, session), answer in zip(showing, answers, strict=True):
        one.authorization = answer
        if one.event.token is not None and not session.id_tag_type:
            session_tag(session, *one.event.token, answer)
            if answer.id_token_id is not None:
                used[answer.id_token_id] = one.now
    update_many(IdToken, [{"id": pk, "last_used": used[pk]} for pk in sorted(used)])


def _shown(told: Told, session: Session) -> Shown:
    event = told.event
    uid, token_type = event.token or ("", "")
    first = not session.id_tag_type
    more = event_start(event).shown_with
    return Shown(event.charge_point_id, told.organization_id, uid, token_type, told.now, first, **more)


def _keep(told: Sequence[Told], reply: Reply) -> None:
    """Make the answers; store the events and their readings."""
    events, rows = [], []
    for one, session in _with_sessions(told):
        one.answer = reply(one.authorization)
        events.append(event_columns(one.event, session, one.event.key, one.answer, one.now))
        rows += session_rows(session, one.event.readings, one.now)
    events_store(events)
    meter_rows_store(rows)
