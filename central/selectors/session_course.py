"""What happened around one session, in rows: states, events, frames, orders, time offline; bounded."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from django.db.models import Case, CharField, F, Q, QuerySet, Value, When
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, Coalesce

from central.models import (
    Command,
    Message,
    OfflineSpan,
    ProviderAnswer,
    Session,
    SessionEvent,
    StatusChange,
    TransactionCheck,
)
from central.models.message import Direction, MessageKind

BEFORE: Final = timedelta(minutes=5)
"""A cable, a tag or an order shortly before the start belongs to the story."""
AFTER: Final = timedelta(minutes=2)
LONGEST_OFFLINE: Final = timedelta(days=7)
MOST: Final = 60
"""Rows of each kind; the newest are shown."""
MOST_FRAMES: Final = 400
ABOUT_DISPLAYS: Final = ("display", "prices")
"""Sources of orders that put the cost on a display, every minute, and that ask whether there is one."""
UNPLUGGED: Final = "unplugged"
PERIODIC: Final = ("MeterValuePeriodic", "MeterValueClock")
QUIET: Final = (
    "Heartbeat",
    "MeterValues",
    "TransactionEvent",
    "StatusNotification",
    "StartTransaction",
    "StopTransaction",
    "Authorize",
)
"""Frames that are told by what they brought, or that tell nothing of the session."""
TEXT: Final = Value("", output_field=CharField())
_ASKED: Final = (MessageKind.CALL, MessageKind.SEND)


class Row(NamedTuple):
    """A row of any of the tables: `source` names it, `word`, `other` and `text` are its own words.

    | source | at, until | word | other | text | person |
    |---|---|---|---|---|---|
    | state | told, received | state | error | EVSE (0: the whole) | |
    | event | told, received | charging state | trigger reason | | |
    | order | asked, finished | order | state of all of it | why | who, or the source |
    | offline | from, until | | | | |
    | provider | told, good until | its word | our status | message | `order` where it ordered |
    | check | told | goes on: yes, no | messages wait: yes, no | | |
    """

    source: str
    key: int
    at: datetime
    until: datetime | None
    word: str
    other: str
    text: str
    person: str


@dataclass(frozen=True, slots=True)
class Course:
    """The rows of a session's story; `frames` are the requests that brought events and states, by their time.

    `shown` is each Authorize with the status that we answered; `others` are unusual frames. `cut`: there is
    more of something than is told.
    """

    rows: Sequence[Row]
    shown: Sequence[tuple[Message, str]]
    others: Sequence[Message]
    frames: dict[datetime, int]
    cut: bool


def session_course(session: Session, now: datetime, *, inside: bool) -> Course:
    """The story's rows in two statements; `inside`: with orders and frames, for who may see them."""
    begin = min(session.started_at, session.start_received_at) - BEFORE
    ends = [at for at in (session.ended_at, session.end_received_at) if at is not None]
    within = (begin, max(ends) + AFTER if ends else now)
    first, *others = (each for each in _sources(session, within) if inside or each.model is not Command)
    rows = [Row(*values) for values in first.union(*others, all=True)]
    counts = [sum(row.source == source for row in rows) for source in {row.source for row in rows}]
    received = {session.start_received_at, *_received(rows)}
    if session.end_received_at is not None:
        received.add(session.end_received_at)
    messages = _messages(session, within, received) if inside else []
    unusual = [row for row in messages if row.action not in QUIET]
    told = [row for row in messages if row.direction == Direction.IN and row.kind in _ASKED]
    return Course(
        rows,
        _shown(messages, {session.id_tag, session.stop_id_tag} - {""}),
        unusual[:MOST],
        {row.at: row.pk for row in told},
        max([*counts, len(unusual)]) >= MOST if counts else False,
    )


def _received(rows: Sequence[Row]) -> Iterator[datetime]:
    return (row.until for row in rows if row.source in ("state", "event") and row.until is not None)


def _sources(session: Session, within: tuple[datetime, datetime]) -> Iterator[QuerySet[Any, Any]]:
    """The newest rows of each table as `Row` has them: of the session, its EVSE, its charge point."""
    point = {"charge_point_id": session.charge_point_id}
    states = StatusChange.objects.filter(**point, received_at__range=within)
    place = Cast("evse_number", CharField())
    yield _told(
        states.filter(evse_number__in=(0, session.evse_number)),
        ("state", F("at"), F("received_at"), F("status"), F("error_code"), place, TEXT),
    )
    updates = Q(kind="update") & ~Q(payload__triggerReason__in=PERIODIC)
    events = SessionEvent.objects.filter(updates | Q(kind=UNPLUGGED), session=session)
    state = KeyTextTransform("chargingState", KeyTransform("transactionInfo", "payload"))
    doing = Case(When(kind=UNPLUGGED, then=Value("Unplugged")), default=_text(state))
    trigger = KeyTextTransform("triggerReason", "payload")
    yield _told(
        events,
        ("event", F("at"), F("received_at"), doing, _text(trigger), TEXT, TEXT),
    )
    orders = Command.objects.filter(**point, created_at__range=within, part_of=None)
    outcome = Case(When(whole="", then=F("state")), default=F("whole"))
    person = Coalesce("requested_by__username", "source")
    yield _told(
        orders.exclude(source__in=ABOUT_DISPLAYS),
        ("order", F("created_at"), F("finished_at"), F("order"), outcome, F("reason"), person),
    )
    yield from _connection(session, within)


def _connection(session: Session, within: tuple[datetime, datetime]) -> Iterator[QuerySet[Any, Any]]:
    """When nobody heard the charge point, what the tag's provider said, what was said when it was asked."""
    point = {"charge_point_id": session.charge_point_id}
    spans = OfflineSpan.objects.filter(**point, began_at__range=(within[0] - LONGEST_OFFLINE, within[1]))
    yield _told(
        spans.filter(Q(ended_at=None) | Q(ended_at__gte=within[0])),
        ("offline", F("began_at"), F("ended_at"), TEXT, TEXT, TEXT, TEXT),
    )
    answers = ProviderAnswer.objects.filter(**point, id_token_id=session.id_token_id or 0, at__range=within)
    ordered = Case(When(by_order=True, then=Value("order")), default=TEXT)
    yield _told(
        answers,
        ("provider", F("at"), F("good_until"), F("word"), F("status"), F("message"), ordered),
    )
    going_on = Case(
        When(ongoing=True, then=Value("yes")), When(ongoing=False, then=Value("no")), default=TEXT
    )
    waiting = Case(When(messages_in_queue=True, then=Value("yes")), default=Value("no"))
    checks = TransactionCheck.objects.filter(session=session)
    yield _told(checks, ("check", F("at"), F("at"), going_on, waiting, TEXT, TEXT))


def _text(expression: Any) -> Any:
    return Coalesce(expression, TEXT, output_field=CharField())


def _told(rows: QuerySet[Any], columns: tuple[Any, ...]) -> QuerySet[Any, Any]:
    """The newest of a table; a subquery limits it, because a part of a union may have no limit of its own."""
    newest = rows.filter(pk__in=rows.order_by("-pk").values("pk")[:MOST])
    source = Value(columns[0], output_field=CharField())
    told: QuerySet[Any, Any] = newest.order_by().values_list(source, F("pk"), *columns[1:])
    return told


def _messages(
    session: Session, within: tuple[datetime, datetime], received: Collection[datetime]
) -> Sequence[Message]:
    """The requests that brought what is told, both frames of each Authorize, and what is unusual."""
    rows = Message.objects.filter(charge_point_id=session.charge_point_id, at__range=within)
    told = Q(direction=Direction.IN, at__in=received) | Q(action="Authorize")
    unusual = Q(direction=Direction.IN, kind__in=_ASKED) & ~Q(action__in=QUIET)
    faults = Q(kind__in=(MessageKind.ERROR, MessageKind.MALFORMED))
    return list(rows.filter(told | unusual | faults).order_by("-at", "-id")[:MOST_FRAMES])


def _shown(messages: Sequence[Message], tags: set[str]) -> list[tuple[Message, str]]:
    """The times when one of the session's tags was held to the reader, each with our answer."""
    both = [row for row in messages if row.action == "Authorize"]
    answers = {row.message_id: _status(row.payload) for row in both if row.direction == Direction.OUT}
    asked = [row for row in both if row.direction == Direction.IN and row.kind == MessageKind.CALL]
    return [(row, answers.get(row.message_id, "")) for row in asked if _tag(row.payload) in tags]


def _tag(payload: Any) -> str:
    if not isinstance(payload, dict):
        return ""
    token = payload.get("idToken")
    return str(payload.get("idTag") or (token.get("idToken") if isinstance(token, dict) else ""))


def _status(payload: Any) -> str:
    if not isinstance(payload, dict):
        return ""
    info = payload.get("idTagInfo") or payload.get("idTokenInfo")
    return str(info.get("status", "")) if isinstance(info, dict) else ""
