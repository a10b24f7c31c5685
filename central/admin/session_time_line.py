"""The story of one session on one time line: each moment with its kind, what happened, and why."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from central.admin.session_causes import DOINGS, STATE_CAUSES, VERDICTS, beside, trigger_words
from central.admin.words import COMMAND_TONES, stop_words
from central.models import Message, Session
from central.models.command import CommandState, order_words
from central.models.message import MessageKind
from central.models.review import Remark
from central.models.session import SessionState
from central.ports import PriceStep, PriceSteps
from central.selectors.curves import Point
from central.selectors.overview import CONNECTOR_WORDS
from central.selectors.session_course import Course, Row
from emobility.lib.display import badge, kw, kwh, link, moment, money, money_part, span

KINDS: Final = {
    "authorisation": _("Authorisation"),
    "session": _("Session"),
    "state": _("States"),
    "meter": _("Meter"),
    "price": _("Price"),
    "order": _("Orders"),
    "frame": _("Frames"),
}
BEGINNING: Final = datetime.min.replace(tzinfo=UTC)
END: Final = datetime.max.replace(tzinfo=UTC)
MOST_STEPS: Final = 60
MANY: Final = 250


@dataclass(frozen=True, slots=True)
class Moment:
    """One point of the story; `frame` is the page of the message that told it."""

    at: datetime
    kind: str
    what: Any
    why: Any = ""
    tone: str = "mute"
    frame: str = ""


def time_line(session: Session, course: Course, points: Sequence[Point], prices: PriceSteps) -> list[Moment]:
    """All moments in the order of their time."""
    frame = _frames(course)
    found = [
        *_shown(course),
        *_authorised(session, frame),
        *_started(session, frame),
        *(told for row in course.rows for told in ROWS[row.source](row, frame)),
        *_meter(points),
        *_prices(session, prices),
        *(_other(row) for row in course.others),
        *_ended(session, frame),
    ]
    first, last = _edges(session, course)
    return sorted((each for each in found if first <= each.at <= last), key=lambda each: each.at)


def _edges(session: Session, course: Course) -> tuple[datetime, datetime]:
    """From the place being free before the start until it is free again: the rest is of other drivers."""
    free = sorted(row.at for row in course.rows if row.source == "state" and row.word == "Available")
    before = [at for at in free if at < session.started_at]
    after = [at for at in free if session.ended_at is not None and at >= session.ended_at]
    return max(before, default=BEGINNING), min(after, default=END)


def time_line_card(moments: Sequence[Moment], *, chosen: str, zone: str, more: Any) -> dict[str, Any]:
    """The card of the time line, with all kinds or only the `chosen` one."""
    chosen = chosen if chosen in KINDS else ""
    shown = [each for each in moments if _is_of(each, chosen)]
    context = {
        "kinds": [
            (key, word, sum(_is_of(each, key) for each in moments), key == chosen)
            for key, word in KINDS.items()
        ],
        "all": len(moments),
        "chosen": chosen,
        "moments": [(each, KINDS[each.kind], moment(each.at, zone, seconds=True)) for each in shown[-MANY:]],
    }
    body = render_to_string("admin/emobility/time_line.html", context)
    return {"key": "time-line", "title": _("What happened, and why"), "flat": body, **more}


def _is_of(each: Moment, kind: str) -> bool:
    return not kind or each.kind == kind or (kind == "frame" and bool(each.frame))


def _frames(course: Course) -> Callable[[datetime | None], str]:
    pages = course.frames

    def page(received_at: datetime | None) -> str:
        key = pages.get(received_at) if received_at is not None else None
        return _message_url(key) if key is not None else ""

    return page


def _message_url(key: int) -> str:
    return reverse("admin:central_message_change", args=[key])


Frame = Callable[[datetime | None], str]


def _shown(course: Course) -> Iterator[Moment]:
    for message, status in course.shown:
        tone = "good" if status == "Accepted" else "bad" if status else "mute"
        why = beside(VERDICTS.get(status, ""), status) if status else _("No answer of ours is kept")
        what = _("The tag was held to the reader")
        yield Moment(message.at, "authorisation", what, why, tone, _message_url(message.pk))


def _provider(row: Row, frame: Frame) -> Iterator[Moment]:
    what = _("The provider of the tag was asked: {word}").format(word=row.word)
    if row.person:
        what = str(_("The provider of the tag ordered the charging"))
    yield Moment(row.at, "authorisation", what, row.text, "good" if row.other == "Accepted" else "bad")


def _authorised(session: Session, frame: Frame) -> Iterator[Moment]:
    status = session.authorization_status
    if not status:
        return
    what = _("The start was accepted") if status == "Accepted" else _("The start was refused")
    why: Any = VERDICTS.get(status, "")
    remarks = [Remark(flag).label for flag in session.flags if flag in ("free_charging", "unknown_offline")]
    if remarks:
        why = ", ".join(map(str, remarks))
    tone = "good" if status == "Accepted" else "bad"
    page = frame(session.start_received_at)
    yield Moment(session.started_at, "authorisation", what, beside(why, status), tone, page)


def _started(session: Session, frame: Frame) -> Iterator[Moment]:
    why: Any
    if session.remote_start_id is not None:
        why = _("Ordered from here or by a partner")
    elif Remark.RESERVATION_EXPIRED in session.flags:
        why = _("The reservation began; nobody came for it")
    elif session.reservation_id is not None:
        why = _("The driver came for a reservation")
    elif session.id_tag:
        why = _("With the tag {tag}").format(tag=session.id_tag)
    else:
        why = _("Nobody had to show a tag")
    what = str(_("The session began"))
    if session.meter_start_wh is not None:
        what = _("The session began at {register}").format(register=kwh(session.meter_start_wh))
    yield Moment(session.started_at, "session", what, why, "good", frame(session.start_received_at))


def _ended(session: Session, frame: Frame) -> Iterator[Moment]:
    if session.state != SessionState.ENDED or session.ended_at is None:
        return
    what = _("The session ended with {energy}").format(energy=kwh(session.energy_wh))
    why: Any = stop_words(session.stop_reason)
    if session.provisional_end:
        why = _("The charge point did not report the end; it was taken from the latest meter value")
    yield Moment(session.ended_at, "session", what, why, "mute", frame(session.end_received_at))


def _state(row: Row, frame: Frame) -> Iterator[Moment]:
    word, tone = CONNECTOR_WORDS.get(row.word, (row.word, "mute"))
    where = _("Connector") if row.text != "0" else _("Charge point")
    why = STATE_CAUSES.get(row.word, "")
    if row.other and row.other != "NoError":
        why = beside(why, row.other)
    yield Moment(row.at, "state", format_html("{}: {}", where, word), why, tone, frame(row.until))


def _event(row: Row, frame: Frame) -> Iterator[Moment]:
    words, tone = DOINGS.get(row.word, (_("The charge point reported"), "mute"))
    yield Moment(row.at, "state", beside(words, row.word), trigger_words(row.other), tone, frame(row.until))


def _offline(row: Row, frame: Frame) -> Iterator[Moment]:
    yield Moment(row.at, "state", _("The connection was lost"), _("We did not hear it"), "warn")
    if row.until is not None:
        after = _("After {time}").format(time=span(row.until - row.at))
        yield Moment(row.until, "state", _("Connected again"), after, "good")


def _check(row: Row, frame: Frame) -> Iterator[Moment]:
    goes_on = {"yes": _("it goes on"), "no": _("it has ended")}.get(row.word, _("it named no session"))
    what = _("Asked, the charge point said: {words}").format(words=goes_on)
    url = reverse("admin:central_transactioncheck_change", args=[row.key])
    why = _("Messages wait at the charge point") if row.other == "yes" else ""
    yield Moment(row.at, "session", link(url, what), why, "warn" if row.word == "no" else "mute")


def _order(row: Row, frame: Frame) -> Iterator[Moment]:
    state = CommandState(row.other)
    order = link(reverse("admin:central_command_change", args=[row.key]), order_words(row.word))
    what = format_html("{} {}", order, badge(state.label, COMMAND_TONES[state]))
    by = _("Ordered by {name}").format(name=row.person)
    why = f"{by}: {row.text}" if row.text else by
    yield Moment(row.at, "order", what, why, COMMAND_TONES[state])


ROWS: Final[dict[str, Callable[[Row, Frame], Iterator[Moment]]]] = {
    "state": _state,
    "event": _event,
    "order": _order,
    "offline": _offline,
    "provider": _provider,
    "check": _check,
}


def _meter(points: Sequence[Point]) -> Iterator[Moment]:
    """First energy, highest power, the end of the flow, a full battery: the corners of the curve."""
    begun = next((each for each in points if each.power_w), None)
    if begun is None:
        return
    yield Moment(begun.at, "meter", _("Energy begins to flow: {power}").format(power=kw(begun.power_w)))
    top = max(points, key=lambda each: each.power_w or 0)
    if top.power_w != begun.power_w:
        said = _("{energy} so far").format(energy=kwh(top.energy_wh))
        yield Moment(top.at, "meter", _("Highest power: {power}").format(power=kw(top.power_w)), said)
    flowing = [number for number, each in enumerate(points) if each.power_w]
    after = points[flowing[-1] + 1 :]
    rest = [each for each in after if each.power_w == 0]
    if rest:
        said = _("{energy} until here").format(energy=kwh(rest[0].energy_wh))
        yield Moment(rest[0].at, "meter", _("No energy flows any more"), said)
    full = next((each for each in points if (each.state_of_charge or 0) >= 80), None)
    if full is not None:
        yield Moment(full.at, "meter", _("Battery at {charge} %").format(charge=full.state_of_charge))


def _prices(session: Session, prices: PriceSteps) -> Iterator[Moment]:
    if not prices.tariff:
        return
    what = _("This tariff counts: {name}").format(name=prices.tariff)
    why = _("It was in force here when the session began")
    if prices.too_long:
        why = _("So long a session shows its price steps when its CDR is made")
    yield Moment(session.started_at, "price", what, why, "info")
    yield from map(_price, prices.steps[-MOST_STEPS:])


def _price(step: PriceStep) -> Moment:
    added = money_part(step.amount_incl, step.currency)
    total = _("{total} so far").format(total=money(step.total_incl, step.currency))
    what = format_html("{}: <b>{}</b>", step.name, added)
    lasted = f"{span(step.until - step.at)} · " if step.until > step.at else ""
    return Moment(
        step.at, "price", what, f"{step.why} · {lasted}{total}", "good" if step.amount_incl else "mute"
    )


def _other(row: Message) -> Moment:
    tone = "bad" if row.error_code or row.kind == MessageKind.MALFORMED else "mute"
    what = row.action or str(MessageKind(row.kind).label)
    return Moment(row.at, "frame", what, row.error_code, tone, _message_url(row.pk))


def price_marks(prices: PriceSteps) -> Iterable[tuple[datetime, str]]:
    """Where another price begins, for the picture."""
    return [(step.at, f"{step.name}: {step.why}") for step in prices.steps[-MOST_STEPS:]]
