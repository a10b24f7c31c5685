"""Texts on displays: ordered, installed, reported, removed (2.x O01-O06)."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q

from central.models import Command, DisplayMessage, Session
from central.models.display_message import DisplayState
from central.models.session import SessionState
from central.services.commands import command_create
from central.services.facts import fact_tell
from registry.models import ChargePoint

SET: Final = "display_message_set"
GET: Final = "display_messages_get"
CLEAR: Final = "display_message_clear"
GET_ACTION: Final = "GetDisplayMessages"
ALWAYS_FRONT: Final = "AlwaysFront"
_SWEEP: Final = 1000


@dataclass(frozen=True, slots=True)
class Text:
    """A message as DisplayMessage keeps it."""

    priority: str
    contents: Sequence[Mapping[str, str]]
    shown_state: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    transaction_id: str = ""
    display: Mapping[str, Any] | None = field(default=None)


def display_message_request(
    *,
    charge_point: ChargePoint,
    number: int | None,
    text: Text,
    params: dict[str, Any],
    now: datetime,
    **order: Any,
) -> Command:
    """Queue a message under a number of ours, or another text for a number that exists (O06).

    One that is installed stays as it is until the charge point has taken the new text.
    """
    with transaction.atomic():
        ChargePoint.objects.select_for_update(no_key=True).get(pk=charge_point.pk)
        rows = DisplayMessage.objects.filter(charge_point=charge_point)
        if number is None:
            number = (rows.aggregate(last=Max("number"))["last"] or 0) + 1
        command = command_create(
            charge_point=charge_point, params={**params, "number": number}, now=now, **order
        )
        row = rows.filter(number=number).first()
        if row is None or row.state != DisplayState.INSTALLED:
            row = row or DisplayMessage(charge_point=charge_point, number=number, created_at=now)
            _write(row, text, state=DisplayState.ORDERED, command=command, answer="")
    return command


def display_message_answered(
    *, command: Command, number: int, text: Text, status: str, now: datetime
) -> bool:
    """The message is on the charge point, or not; a refused replacement leaves the old one there."""
    row = _locked(command.charge_point_id, number, now)
    accepted = status == "Accepted"
    if accepted:
        _write(row, text, state=DisplayState.INSTALLED, command=command, answer=status, installed_at=now)
        _replace_in_front(row, now)
    elif row.state == DisplayState.INSTALLED:
        row.answer = status
        row.save(update_fields=["answer"])
    else:
        _write(row, text, state=DisplayState.REFUSED, command=command, answer=status)
    _tell(command.charge_point_id, number, "installed" if accepted else "refused", now)
    return accepted


def display_message_cleared(*, command: Command, number: int, status: str, now: datetime) -> bool:
    """Removed (O05); one that it does not know is not there either."""
    rows = DisplayMessage.objects.filter(charge_point_id=command.charge_point_id, number=number)
    if status in {"Accepted", "Unknown"}:
        _remove(rows, "ordered" if status == "Accepted" else "unknown", now)
    return status == "Accepted"


def display_messages_none(*, command: Command, asked: Mapping[str, Any], now: datetime) -> None:
    """No message there is like those asked for (O03.FR.06, O04.FR.02)."""
    _remove(_asked(command.charge_point_id, asked), "not_reported", now)


def display_messages_reported(
    *, charge_point_id: int, request_id: int, texts: Mapping[int, Text], more: bool, now: datetime
) -> None:
    """A part of the list of messages; with the last one, what was asked for and not told is gone."""
    for number, text in texts.items():
        row = _locked(charge_point_id, number, now)
        row.reported_at = now
        installed_at = row.installed_at or now
        _write(row, text, state=DisplayState.INSTALLED, installed_at=installed_at)
    commands = Command.objects.filter(charge_point_id=charge_point_id, action=GET_ACTION)
    command = commands.filter(request__requestId=request_id).order_by("-pk").first()
    if more or command is None or command.sent_at is None:
        return
    known_before = Q(installed_at=None) | Q(installed_at__lt=command.sent_at)
    not_told = Q(reported_at=None) | Q(reported_at__lt=command.sent_at)
    _remove(
        _asked(charge_point_id, command.request or {}).filter(known_before & not_told), "not_reported", now
    )


def display_messages_sweep(*, now: datetime) -> int:
    """What a charge point removes by itself: after its end (O01.FR.07), with its transaction (O02.FR.02)."""
    ended = Session.objects.filter(
        charge_point_id=OuterRef("charge_point_id"),
        transaction_id=OuterRef("transaction_id"),
        state=SessionState.ENDED,
    )
    installed = DisplayMessage.objects.filter(state=DisplayState.INSTALLED)
    count = _remove(installed.filter(ends_at__lte=now), "time", now)
    return count + _remove(installed.exclude(transaction_id="").filter(Exists(ended)), "transaction", now)


def _asked(charge_point_id: int, asked: Mapping[str, Any]) -> Any:
    """The installed messages that a GetDisplayMessages asks for; all of them where it names nothing."""
    rows = DisplayMessage.objects.filter(charge_point_id=charge_point_id, state=DisplayState.INSTALLED)
    if asked.get("id"):
        rows = rows.filter(number__in=asked["id"])
    if asked.get("priority"):
        rows = rows.filter(priority=asked["priority"])
    return rows.filter(shown_state=asked["state"]) if asked.get("state") else rows


def _locked(charge_point_id: int, number: int, now: datetime) -> DisplayMessage:
    rows = DisplayMessage.objects.select_for_update()
    row, _ = rows.get_or_create(
        charge_point_id=charge_point_id,
        number=number,
        defaults={"priority": "", "created_at": now, "contents": []},
    )
    return row


def _write(row: DisplayMessage, text: Text, **fields: Any) -> None:
    values = asdict(text) | {"contents": [dict(each) for each in text.contents], **fields}
    for name, value in values.items():
        setattr(row, name, value)
    row.removed_at, row.removed_because = None, ""
    row.save()


def _replace_in_front(row: DisplayMessage, now: datetime) -> None:
    """Only one message is always in front: the newest (O01.FR.16, O02.FR.18), on each display."""
    if row.priority != ALWAYS_FRONT:
        return
    others = DisplayMessage.objects.filter(
        charge_point_id=row.charge_point_id, state=DisplayState.INSTALLED, priority=ALWAYS_FRONT
    ).exclude(pk=row.pk)
    same = [other.pk for other in others if other.display == row.display]
    _remove(DisplayMessage.objects.filter(pk__in=same), "replaced", now)


def _remove(rows: Any, because: str, now: datetime) -> int:
    found = list(rows.exclude(state=DisplayState.REMOVED).order_by("pk")[:_SWEEP])
    count: int = DisplayMessage.objects.filter(pk__in=[row.pk for row in found]).update(
        state=DisplayState.REMOVED, removed_at=now, removed_because=because
    )
    for row in found:
        _tell(row.charge_point_id, row.number, "removed", now)
    return count


def _tell(charge_point_id: int, number: int, what: str, now: datetime) -> None:
    fact_tell(
        charge_point_id=charge_point_id,
        kind=f"display_message.{what}",
        subject=str(number),
        data={"number": number},
        now=now,
    )
