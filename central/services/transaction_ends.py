"""Which 2.x transactions are complete, and their ends: many of them in a constant number of statements."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, F, Max, Min, Q, Window
from django.db.models.functions import RowNumber

from central.models import MeterValue, Session, SessionEvent
from central.models.review import Remark, ReviewReason
from central.services import reviews
from central.services.doubts import doubts_at_the_ends
from central.services.ledger import STARTED
from central.services.prepared import Prepared
from central.services.session_end import Ending, sessions_end


def transactions_end(sessions: Sequence[Session], *, now: datetime) -> set[int]:
    """End those locked sessions of which no event is missing; their keys. The caller stores the rest."""
    complete = transactions_complete(sessions)
    finished = [session for session in sessions if session.pk in complete]
    for session in finished:
        reviews.release(session, ReviewReason.MISSING_EVENTS)
    transactions_finish(finished, now=now)
    return complete


def transactions_complete(sessions: Sequence[Session]) -> set[int]:
    """The keys of those of which every sequence number from start to end is there."""
    ends = {session.pk: session.end_seq_no for session in sessions}
    found = set()
    for key, started, first, last, count in _numbers.rows(sessions=list(ends)):
        end = ends[key]
        if started is None or end is None:
            continue
        inside = count if (first, last) == (started, end) else _between(key, started, end)
        if inside >= end - started + 1:
            found.add(key)
    return found


_numbers: Final = Prepared(
    lambda sessions: (
        SessionEvent.objects.filter(session_id__among=sessions, seq_no__isnull=False)
        .order_by()
        .values("session_id")
        .annotate(
            started=Min("seq_no", filter=Q(kind=STARTED)),
            first=Min("seq_no"),
            last=Max("seq_no"),
            count=Count("seq_no", distinct=True),
        )
        .values_list("session_id", "started", "first", "last", "count")
    )
)


def _between(session_id: int, first: int, last: int) -> int:
    """How many of the numbers are there, where others lie outside."""
    events = SessionEvent.objects.filter(session_id=session_id, seq_no__gte=first, seq_no__lte=last)
    return int(events.aggregate(found=Count("seq_no", distinct=True))["found"])


def transactions_finish(sessions: Sequence[Session], *, now: datetime) -> None:
    """End locked sessions with the first and the last register that their meter values hold."""
    if not sessions:
        return
    registers = _registers(sessions)
    for session in sessions:
        if session.pk in registers:
            first, last = registers[session.pk]
            session.meter_start_wh = first[0]
            session.meter_last_wh, session.meter_last_at = last
    doubts = doubts_at_the_ends({key: (first[1], last[1]) for key, (first, last) in registers.items()})
    sessions_end([(session, _ending(session, doubts, now)) for session in sessions], now=now)


Register = tuple[int, datetime]
"""Wh, and when by the charge point's clock."""


def _registers(sessions: Sequence[Session]) -> dict[int, tuple[Register, Register]]:
    """The first and the last register of sessions; a zero from before the real register does not count."""
    zero = {row.pk for row in sessions if ReviewReason.START_REGISTER_ZERO in row.review_reasons}
    others = [session.pk for session in sessions if session.pk not in zero]
    rows: list[Any] = _any_register.rows(sessions=others) if others else []
    if zero:
        rows = rows + _real_register.rows(sessions=sorted(zero))
    found: dict[int, dict[bool, Register]] = {}
    for key, wh, at, from_first, from_last in rows:
        ends = found.setdefault(key, {})
        if from_first == 1:
            ends[True] = wh, at
        if from_last == 1:
            ends[False] = wh, at
    return {key: (ends[True], ends[False]) for key, ends in found.items()}


def _outermost(sessions: Collection[int], **more: Any) -> Any:
    """The readings with which sessions begin and end."""
    rows = MeterValue.objects.filter(session_id__among=sessions, register_wh__isnull=False, **more)
    forth = [F("sampled_at").asc(), F("register_wh").asc()]
    back = [F("sampled_at").desc(), F("register_wh").desc()]
    numbered = rows.annotate(
        from_first=Window(RowNumber(), partition_by=F("session_id"), order_by=forth),
        from_last=Window(RowNumber(), partition_by=F("session_id"), order_by=back),
    )
    outer = numbered.filter(Q(from_first=1) | Q(from_last=1)).order_by()
    return outer.values_list("session_id", "register_wh", "sampled_at", "from_first", "from_last")


_any_register: Final = Prepared(_outermost)
_real_register: Final = Prepared(lambda sessions: _outermost(sessions, register_wh__gt=0))


def _ending(session: Session, doubts: Mapping[int, Collection[ReviewReason]], now: datetime) -> Ending:
    return Ending(
        at=session.ended_at or now,
        stop_wh=session.meter_last_wh,
        reason=session.stop_reason,
        received_at=session.end_received_at or now,
        offline=Remark.OFFLINE in session.flags,
        doubts=doubts.get(session.pk, ()),
    )
