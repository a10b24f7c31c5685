"""Partners' commands: kept, made an order to a charge point, answered with a result within the time limit.

A command and its order are rows of one transaction. What the charge point says becomes the result, and the
outbox brings that to `response_url`; a sweep gives those that nobody answered their TIMEOUT.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction

from central.models import Command, Reservation, Session
from central.ocpp.ordering import order_place
from emobility.lib import egress
from emobility.lib.errors import Conflict, DomainError
from ocpi.core.errors import ParametersInvalid
from ocpi.models import Delivery, Partner, ReceivedCommand
from ocpi.models.command import ACCEPTED
from ocpi.services.command_results import late_word, word_of
from ocpi.services.outbox import delivery_put
from registry.models import ChargePoint

SOURCE: Final = "ocpi"
MARGIN: Final = timedelta(seconds=15)
"""So long before the promised time a silent charge point is given up: sweep and delivery take time."""
UNDER_WAY: Final = ("queued", "sent")
BATCH: Final = 200


class Refused(Exception):
    """The command is refused at once: `response` is CommandResponseType, `status_code` OCPI's."""

    def __init__(self, response: str, message: str, status_code: int = 1000) -> None:
        super().__init__(message)
        self.response, self.message, self.status_code = response, message, status_code


@dataclass(frozen=True, slots=True)
class Asked:
    """What a partner asks for: the parsed body, and the body as it came."""

    partner: Partner
    module: str
    kind: str
    version: str
    body: Mapping[str, Any]
    payload: Any
    now: datetime

    @property
    def response_url(self) -> str:
        """Where the result goes."""
        return str(self.body["response_url"])

    @property
    def ttl(self) -> timedelta:
        """How long an order may take."""
        return timedelta(seconds=settings.OCPI_COMMAND_TIMEOUT) - MARGIN


@dataclass(frozen=True, slots=True)
class Ordered:
    """What a command became: an order, or a `result` that is known already; and what it is about."""

    command: Command | None = None
    session: Session | None = None
    reservation: Reservation | None = None
    reservation_key: str = ""
    result: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """The immediate answer; `timeout` in seconds."""

    response: str
    message: str = ""
    status_code: int = 1000
    timeout: int = field(default_factory=lambda: int(settings.OCPI_COMMAND_TIMEOUT))


Act = Callable[[Asked], Ordered]


def url_check(url: str) -> None:
    """Refuse (2001) a response_url that we may not call (T17). No transaction may be open."""
    try:
        egress.resolve(url)
    except egress.EgressError as error:
        raise ParametersInvalid(f"response_url: {error}", {"response_url": "cannot be called"}) from error


def command_receive(*, asked: Asked, act: Act) -> Answered:
    """Do what a partner asks; the answer says whether it was taken. The same once more is not done twice.

    Raises ParametersInvalid (2001) where something in it is wrong. No transaction may be open.
    """
    url_check(asked.response_url)
    with transaction.atomic():
        # Repeats that arrive together wait here for each other.
        Partner.objects.select_for_update(no_key=True).get(pk=asked.partner.pk)
        known = _repeat(asked)
        if known is not None:
            return Answered(known.response, known.message)
        return command_keep(asked=asked, act=act)


def command_keep(*, asked: Asked, act: Act) -> Answered:
    """The same without a look at address and repeats: for what we ask ourselves in a partner's name."""
    try:
        with transaction.atomic():
            ordered = act(asked)
            row = _keep(asked, ACCEPTED, ordered)
            if ordered.result:
                _finish(row, {"result": ordered.result}, "", asked.now)
    except Refused as refused:
        _keep(asked, refused.response, Ordered(), refused.message)
        return Answered(refused.response, refused.message, refused.status_code)
    except Conflict as error:
        _keep(asked, "REJECTED", Ordered(), error.message)
        return Answered("REJECTED", error.message)
    return Answered(ACCEPTED)


def place_order(
    asked: Asked, charge_point: ChargePoint, order: str, params: Mapping[str, Any], reason: str = ""
) -> Command:
    """Queue the order of a command, good until we promised a result. Raises Refused."""
    try:
        return order_place(
            charge_point=charge_point,
            order=order,
            params={name: value for name, value in params.items() if value is not None},
            source=SOURCE,
            reason=reason or f"{asked.partner} {asked.kind}",
            ttl=asked.ttl,
            now=asked.now,
        )
    except Conflict:
        raise
    except DomainError as error:
        raise Refused("REJECTED", error.message) from error


def _repeat(asked: Asked) -> ReceivedCommand | None:
    """The same command, sent again while its result is due: nothing is ordered twice."""
    row = (
        ReceivedCommand.objects.filter(
            partner=asked.partner,
            kind=asked.kind,
            response_url=asked.response_url,
            response=ACCEPTED,
            deadline_at__gt=asked.now,
        )
        .order_by("-id")
        .first()
    )
    return row if row is not None and row.payload == asked.payload else None


def _keep(asked: Asked, response: str, ordered: Ordered, message: str = "") -> ReceivedCommand:
    return ReceivedCommand.objects.create(
        organization=asked.partner.organization,
        partner=asked.partner,
        module=asked.module,
        kind=asked.kind,
        version=asked.version,
        payload=asked.payload,
        response_url=asked.response_url,
        response=response,
        message=message[:255],
        command=ordered.command,
        session=ordered.session,
        reservation=ordered.reservation,
        reservation_key=ordered.reservation_key,
        created_at=asked.now,
        deadline_at=asked.now + asked.ttl,
        finished_at=None if response == ACCEPTED else asked.now,
    )


def commands_settle(*, command_ids: Collection[int], now: datetime) -> set[int]:
    """Turn finished orders into results; answers the partners that have something due because of it."""
    rows = ReceivedCommand.objects.filter(command_id__in=command_ids, response=ACCEPTED, result="")
    partners = set()
    for row in rows.select_related("partner", "command", "session"):
        if row.command is None or row.command.outcome in UNDER_WAY:
            continue
        body, why = word_of(row, row.command)
        if _finish(row, body, why, now):
            partners.add(row.partner_id)
    return partners


def commands_overdue(*, now: datetime) -> set[int]:
    """What a lost bell left, and a result for those whose charge point is silent; the partners to serve."""
    waiting = ReceivedCommand.objects.filter(response=ACCEPTED, result="")
    ended = waiting.filter(command__isnull=False).exclude(command__state__in=UNDER_WAY)
    partners = commands_settle(command_ids=set(ended.values_list("command_id", flat=True)[:BATCH]), now=now)
    for row in waiting.filter(deadline_at__lte=now).select_related("partner")[:BATCH]:
        if _finish(row, late_word(row), "The charge point is silent.", now):
            partners.add(row.partner_id)
    return partners


def command_revise(*, row: ReceivedCommand, result: str, now: datetime) -> None:
    """Another result of a command that was accepted: the charge point gave a reservation back."""
    with transaction.atomic():
        changed = ReceivedCommand.objects.filter(pk=row.pk).exclude(result=result)
        if changed.update(result=result, result_body={"result": result}):
            _offer(row, now)


def _finish(row: ReceivedCommand, body: Mapping[str, Any], why: str, now: datetime) -> bool:
    """Give a command its result, once, and put it into the outbox."""
    with transaction.atomic():
        waiting = ReceivedCommand.objects.filter(pk=row.pk, result="")
        done = {"result": body["result"], "result_body": dict(body), "message": why[:255], "finished_at": now}
        changed = waiting.update(**done)
        if changed:
            _offer(row, now)
    return changed == 1


def _offer(row: ReceivedCommand, now: datetime) -> None:
    wanted = Delivery(module=row.module, object_id=str(row.uid), source_id=row.pk, source_at=now)
    delivery_put(row.partner, wanted, now, urgent=True)
