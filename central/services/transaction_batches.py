"""Events of many 2.x transactions at once, in a constant number of statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Q

from central.models import IdToken, Session
from central.models.session import SessionState
from central.ports import SessionMove
from central.selectors.session_marks import Mark, session_mark
from central.services.authorization import Authorization, Shown, authorize_many
from central.services.bulk import update_many
from central.services.ledger import ENDED, STARTED, UPDATED, events_find, events_store
from central.services.meter_rows import USUAL_2, meter_rows_store, session_rows, sessions_move
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
from central.services.session_start import places_of, session_made, session_tag
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
    starting = [one for one in fresh if one.session is None and one.event.kind == STARTED]
    _record(_begun(starting), running, reply)
    return [
        one.answer if one.answer is not None else transaction_event(event=one.event, reply=reply, now=one.now)
        for one in told
    ]


def _find_sessions(told: Sequence[Told]) -> None:
    usual: list[Told] = []
    others: list[Told] = []
    for one in told:
        (usual if one.is_usual else others).append(one)
    for query, group in ((_moving, usual), (_whole, others)):
        if group:
            places = [one.place for one in group]
            charge_points, numbers = zip(*places, strict=True)
            rows = query.rows(charge_points=charge_points, numbers=numbers)
            sessions = {(row.charge_point_id, row.transaction_id): row for row in rows}
            for one, place in zip(group, places, strict=True):
                one.session = sessions.get(place)


_whole: Final = Prepared(
    lambda charge_points, numbers: locked_sessions(
        Q(charge_point_id__among=charge_points, transaction_id__among=numbers)
    )
)
_moving: Final = Prepared(
    lambda charge_points, numbers: locked_sessions(
        Q(charge_point_id__among=charge_points, transaction_id__among=numbers)
    ).only(*USUAL_2)
)


def _fresh(told: Sequence[Told]) -> list[Told]:
    """Those whose number we have not seen: the first one of each charge point."""
    firsts: dict[int, Told] = {}
    for one in told:
        firsts.setdefault(one.event.charge_point_id, one)
    doubtful = [one for one in firsts.values() if not _is_next(one)]
    if not doubtful:
        return list(firsts.values())
    known = events_find({one.event.charge_point_id: [one.event.key] for one in doubtful})
    return [one for key, one in firsts.items() if (key, one.event.key) not in known]


def _is_next(told: Told) -> bool:
    """True where the number is certainly new: beyond all that the locked session had, or there is none."""
    session = told.session
    return session is None or session.last_seq_no is None or told.event.seq_no > session.last_seq_no


def _is_plain(told: Told, session: Session) -> bool:
    event = told.event
    running = session.state == SessionState.ACTIVE and session.end_seq_no is None
    own_tag = event.token is None or not session.id_tag or event.token[0].upper() == session.id_tag.upper()
    return running and (event.kind != ENDED or own_tag)


def _begun(told: Sequence[Told]) -> list[Told]:
    """The starts with their new sessions; those on an EVSE where one is open are left to the careful way."""
    if not told:
        return []
    owners, taken = places_of([one.event.charge_point_id for one in told])
    plain = [one for one in told if (one.event.charge_point_id, one.event.evse_number) not in taken]
    for one in plain:
        owner = owners[one.event.charge_point_id]
        one.session = session_made(event_start(one.event), owner, now=one.now)
    return plain


# --- what the plain ones do -----------------------------------------------------------------------------


def _record(starting: Sequence[Told], running: Sequence[Told], reply: Reply) -> None:
    """Open sessions, move running ones on, and end those whose last event this is."""
    plain = [*starting, *running]
    if not plain:
        return
    tagged = _authorize(plain)
    for one, session in _with_sessions(plain):
        one.before = session_mark(session) if one.is_usual else None
        event_apply(session, one.event, one.now)
        if one.event.kind == ENDED and one.event.token is not None:
            session.stop_id_tag = one.event.token[0]
    _open(starting)
    _keep(plain, reply)
    used = {one.authorization.id_token_id: one.now for one in tagged if one.session and one.authorization}
    update_many(IdToken, [{"id": pk, "last_used": used[pk]} for pk in sorted(pk for pk in used if pk)])
    _store(running)


def _authorize(told: Sequence[Told]) -> list[Told]:
    """Answer for the tokens that were shown; the first one is whose session it is (C01, E03): these."""
    showing = [(one, session) for one, session in _with_sessions(told) if one.event.token is not None]
    answers = authorize_many([_shown(one, session) for one, session in showing])
    tagged = []
    for (one, session), answer in zip(showing, answers, strict=True):
        one.authorization = answer
        if one.event.token is not None and not session.id_tag_type:
            session_tag(session, *one.event.token, answer)
            tagged.append(one)
    return tagged


def _shown(told: Told, session: Session) -> Shown:
    event = told.event
    uid, token_type = event.token or ("", "")
    return Shown(
        event.charge_point_id,
        told.organization_id,
        uid,
        token_type,
        told.now,
        starting=not session.id_tag_type,
        **event.shown_with,
    )


def _open(starting: Sequence[Told]) -> None:
    """Store the new sessions; where another event of the transaction was quicker, single events go on."""
    if not starting:
        return
    sessions = [session for _, session in _with_sessions(starting)]
    sessions_insert(sessions, now=starting[-1].now)
    for one, session in _with_sessions(starting):
        if not session.pk:
            one.session = None
    opened = _with_sessions(starting)
    facts_append([fact_started(session, one.now) for one, session in opened])
    after_commit_each(session_started, "session_id", [session.pk for _, session in opened])


def _keep(told: Sequence[Told], reply: Reply) -> None:
    """Make the answers; store the events and their readings."""
    events, rows = [], []
    for one, session in _with_sessions(told):
        one.answer = reply(one.authorization)
        events.append(event_columns(one.event, session, one.event.key, one.answer, one.now))
        rows += session_rows(session, one.event.readings, one.now)
    events_store(events)
    meter_rows_store(rows)


def _store(running: Sequence[Told]) -> None:
    if not running:
        return
    now = running[-1].now
    usual: list[Session] = []
    whole: list[Session] = []
    ended: list[Session] = []
    for one, session in _with_sessions(running):
        (usual if one.before is not None else whole).append(session)
        if one.event.kind == ENDED:
            ended.append(session)
    sessions_move(usual, now=now)
    finished = transactions_end(ended, now=now) if ended else set()
    unfinished = [session for session in whole if session.pk not in finished]
    due = updates_due(unfinished, now)
    sessions_store(unfinished, now=now)
    updates_tell(due, now=now)
    moved = [session.id for session in (*usual, *unfinished)]
    after_commit_each(session_updated, "session_id", moved)


def _with_sessions(told: Sequence[Told]) -> list[tuple[Told, Session]]:
    return [(one, one.session) for one in told if one.session is not None]
