"""What `/master` sockets ask for, as calls of the services that REST uses too. Sync; raise DomainErrors."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext as _

from central.consumers.live_tail import Wish
from central.models import BulkCommand, Command
from central.ocpp.bulk_orders import bulk_order_plan, bulk_orders_run
from central.ocpp.ordering import order_place
from central.selectors.live_commands import command_told, targets_skipped
from central.selectors.selections import charge_points_selected
from central.services.command_bulks import bulk_confirm
from central.services.commands import DEFAULT_TTL
from emobility.lib.errors import Forbidden, Invalid, NotFound
from registry.models import ChargePoint, User
from registry.rights import Right, may

SOURCE: Final = "master"
RAW: Final = "raw"
LONGEST: Final = 7 * 24 * 3600
MOST_SKIPPED: Final = 100


@dataclass(slots=True)
class Placed:
    """What came of a request: the answer, and the command or bulk command to follow."""

    answer: dict[str, Any]
    command: Command | None = None
    bulk_id: int | None = None
    selection: dict[str, Any] = field(default_factory=dict)


def ordered(user: User, content: Mapping[str, Any], now: datetime) -> Placed:
    """An order to one charge point (`to`: its id), or planned for several (`to`: ids, or a selection).

    More than one is only planned, unless the frame says `confirm`: true.
    """
    _require(user, Right.OPERATE)
    to = content.get("to")
    common = _order_of(content) | {
        "requested_by": user,
        "reason": _text(content, "reason"),
        "ttl": _ttl(content),
        "now": now,
    }
    if isinstance(to, str):
        return _to_one(user, to, common)
    selection = {"charge_points": to} if isinstance(to, list) else to
    if not isinstance(selection, dict):
        raise _wrong("to", _("An id, a list of ids or a selection is needed."))
    bulk = bulk_order_plan(selection=selection, **common)
    if content.get("confirm") is True:
        return confirmed(user, {"bulk": str(bulk.uid)}, now)
    return Placed(_planned(bulk))


def confirmed(user: User, content: Mapping[str, Any], now: datetime) -> Placed:
    """Let a planned bulk command run."""
    _require(user, Right.OPERATE)
    bulk = _bulk_of(user, content)
    bulk_confirm(bulk=bulk, requested_by=user, now=now)
    bulk_orders_run(bulk_id=bulk.pk, now=now)
    return Placed({"type": "confirmed", **_counts(bulk)}, bulk_id=bulk.pk)


def observed(user: User, content: Mapping[str, Any]) -> Wish:
    """What a person wants to observe, of what he may see."""
    _require(user, Right.INSPECT)
    asked = content.get("charge_points", "all")
    points = None
    if asked != "all":
        rows = charge_points_selected(actor=user, selection={"charge_points": asked})
        points = frozenset(rows.values_list("pk", flat=True))
    kinds = content.get("kinds", [])
    if not isinstance(kinds, list) or not all(isinstance(kind, str) and kind for kind in kinds[:50]):
        raise _wrong("kinds", _("A list of beginnings of kinds is needed, like session."))
    return Wish(points, bool(content.get("messages")), bool(content.get("events")), tuple(kinds[:50]))


def _to_one(user: User, cp_id: str, common: dict[str, Any]) -> Placed:
    charge_point = ChargePoint.objects.visible_to(user).filter(cp_id=cp_id).first()
    if charge_point is None:
        raise NotFound(_("No such charge point."))
    command = order_place(charge_point=charge_point, source=SOURCE, **common)
    return Placed({"type": "accepted", **command_told(command)}, command=command)


def _order_of(content: Mapping[str, Any]) -> dict[str, Any]:
    """An order by our name with its params, or OCPP's action with its payload."""
    if "action" in content:
        values = {"action": content["action"], "payload": content.get("payload", {})}
        return {"order": RAW, "params": values}
    params = content.get("params", {})
    if not isinstance(content.get("order"), str) or not isinstance(params, dict):
        raise _wrong("order", _("A name and an object of params are needed."))
    return {"order": content["order"], "params": params}


def _ttl(content: Mapping[str, Any]) -> timedelta:
    seconds = content.get("valid_seconds")
    if seconds is None:
        return DEFAULT_TTL
    if not isinstance(seconds, int) or not 1 <= seconds <= LONGEST:
        raise _wrong("valid_seconds", _("Between 1 and {most}.").format(most=LONGEST))
    return timedelta(seconds=seconds)


def _text(content: Mapping[str, Any], name: str) -> str:
    value = content.get(name, "")
    if not isinstance(value, str):
        raise _wrong(name, _("A text is needed."))
    return value


def _bulk_of(user: User, content: Mapping[str, Any]) -> BulkCommand:
    rows = BulkCommand.objects.visible_to(user)
    wanted = str(content.get("bulk", ""))
    found = next((bulk for bulk in rows.filter(requested_by=user)[:100] if str(bulk.uid) == wanted), None)
    if found is None:
        raise NotFound(_("No such bulk command."))
    return found


def _planned(bulk: BulkCommand) -> dict[str, Any]:
    return {"type": "planned", **_counts(bulk), "skipped": targets_skipped(bulk, MOST_SKIPPED)}


def _counts(bulk: BulkCommand) -> dict[str, Any]:
    return {"bulk": str(bulk.uid), "order": bulk.order, "targets": bulk.targets.count()}


def _require(user: User, right: Right) -> None:
    if not may(user, right):
        raise Forbidden(_("Your role may not do this: {right}.").format(right=right.label))


def _wrong(name: str, fault: str) -> Invalid:
    return Invalid(_("Some values are wrong."), {name: fault})
