"""A message to many: open sockets of an organisation, and charge points, as display or vendor message."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import orjson
from django.utils.translation import gettext as _

from central.models import Command
from central.ocpp.ordering import order_place
from emobility.lib.errors import DomainError, Invalid
from emobility.lib.live import broadcast_tell
from registry.models import ChargePoint, User
from registry.services.audit import audit_record

MOST_BYTES: Final = 16 * 1024
MOST_CHARGE_POINTS: Final = 50
DISPLAY: Final = "display_message"
VENDOR: Final = "data_transfer"


@dataclass(frozen=True, slots=True)
class Broadcast:
    """What is said; `way` is how charge points hear of it (DISPLAY, VENDOR), None: sockets alone."""

    message: str | Mapping[str, Any]
    charge_points: Sequence[str] = ()
    way: str | None = None
    vendor_id: str = ""
    message_id: str = ""


@dataclass(slots=True)
class Sent:
    """The id on the sockets, the orders placed, and the charge points that could not be asked, with why."""

    id: str
    commands: list[Command] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)


def broadcast_send(*, broadcast: Broadcast, actor: User, now: datetime) -> Sent:
    """Say it to the open sockets of the actor's organisation, and order it for the charge points named.

    Raises Invalid. One charge point that cannot be asked does not hold up the others.
    """
    _check(broadcast)
    text = broadcast.message
    message = {"text": text} if isinstance(text, str) else dict(text)
    sent = Sent(broadcast_tell(organization_id=actor.organization_id, message=message))
    wanted = list(dict.fromkeys(broadcast.charge_points))
    found = {row.cp_id: row for row in ChargePoint.objects.visible_to(actor).filter(cp_id__in=wanted)}
    for cp_id in wanted:
        try:
            sent.commands.append(_order(found[cp_id], broadcast, actor, now))
        except KeyError:
            sent.refused[cp_id] = _("No such charge point.")
        except DomainError as error:
            sent.refused[cp_id] = error.message
    audit_record(
        actor=actor,
        action="broadcast.sent",
        organization_id=actor.organization_id,
        object_type="broadcast",
        object_id=sent.id,
        after={"message": message, "charge_points": wanted, "way": broadcast.way},
        now=now,
    )
    return sent


def _check(broadcast: Broadcast) -> None:
    if not broadcast.message:
        raise _fault("message", _("Say something."))
    if len(orjson.dumps(broadcast.message)) > MOST_BYTES:
        raise _fault("message", _("At most 16 KiB."))
    if len(set(broadcast.charge_points)) > MOST_CHARGE_POINTS:
        sentence = _("At most {most} charge points; order more of them as a bulk command.")
        raise _fault("charge_points", sentence.format(most=MOST_CHARGE_POINTS))
    if broadcast.charge_points and broadcast.way is None:
        raise _fault("as", _("Say how charge points hear of it: display_message or data_transfer."))
    if broadcast.way == VENDOR and not broadcast.vendor_id:
        raise _fault("vendor_id", _("A vendor message needs its vendor."))


def _order(charge_point: ChargePoint, broadcast: Broadcast, actor: User, now: datetime) -> Command:
    text = broadcast.message
    if broadcast.way == DISPLAY:
        order = "display_message_set"
        params = {"text": text} if isinstance(text, str) else dict(text)
    else:
        order = VENDOR
        content = text if isinstance(text, str) else orjson.dumps(text).decode()
        params = {"vendor_id": broadcast.vendor_id, "message": broadcast.message_id, "content": content}
    return order_place(
        charge_point=charge_point,
        order=order,
        params=params,
        requested_by=actor,
        source="broadcast",
        now=now,
    )


def _fault(name: str, sentence: str) -> Invalid:
    return Invalid(sentence, {name: sentence})
