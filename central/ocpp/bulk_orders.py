"""One order to many charge points: checked once, planned for each, placed portion by portion."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import OperationalError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from central.models import BulkCommand, BulkTarget, Command
from central.models.bulk_command import BulkState, TargetState
from central.models.command import CommandState
from central.ocpp.building import not_carried
from central.ocpp.intents import Order
from central.ocpp.order_values import order_params, tells_secret
from central.ocpp.ordering import order_allowed, order_place
from central.selectors.selections import charge_points_selected
from central.services.command_bulks import (
    bulk_claim,
    bulk_finish,
    bulk_params,
    bulk_plan,
    bulk_portion,
    bulk_target_settle,
)
from central.services.commands import DEFAULT_TTL
from central.services.pace import BULK
from central.services.whole_orders import FINAL
from emobility.lib.addresses import MASK
from emobility.lib.errors import Conflict, DomainError, Invalid
from registry.models import ChargePoint, User

log = structlog.get_logger(__name__)


def bulk_order_plan(
    *,
    requested_by: User,
    order: str,
    params: Mapping[str, Any],
    selection: Mapping[str, Any],
    reason: str = "",
    ttl: timedelta = DEFAULT_TTL,
    attempts: int = 1,
    now: datetime,
) -> BulkCommand:
    """Plan an order for a selection; each charge point that cannot take it is skipped with its reason.

    Raises Invalid (with its fields), Forbidden.
    """
    asked = order_allowed(order, requested_by)
    values = order_params(asked, params)
    if tells_secret(values):
        fault = _("It carries a secret: one for many is no secret. Order it for each charge point.")
        raise Invalid(fault, {"params": fault})
    points = list(charge_points_selected(actor=requested_by, selection=selection))
    owners = {point.organization_id for point in points} or {requested_by.organization_id or 0}
    if len(owners) > 1:
        fault = _("Select charge points of one organisation.")
        raise Invalid(fault, {"selection": fault})
    return bulk_plan(
        organization_id=owners.pop(),
        order=order,
        params=values,
        selection=selection,
        targets=[(point.pk, skip_reason(asked, point)) for point in points],
        requested_by=requested_by,
        reason=reason,
        valid_seconds=int(ttl.total_seconds()),
        max_attempts=attempts,
        now=now,
    )


def bulk_order_again(*, bulk: BulkCommand, requested_by: User, now: datetime) -> BulkCommand:
    """Plan the same order for the charge points that did not take it. Raises Conflict, Invalid, Forbidden."""
    hindrance = again_hindrance(bulk)
    if hindrance:
        raise Conflict(hindrance)
    return bulk_order_plan(
        requested_by=requested_by,
        order=bulk.order,
        params=bulk_params(bulk),
        selection={"charge_points": list(_not_taken(bulk).values_list("charge_point__cp_id", flat=True))},
        reason=bulk.reason,
        ttl=timedelta(seconds=bulk.valid_seconds),
        attempts=bulk.max_attempts,
        now=now,
    )


def again_hindrance(bulk: BulkCommand) -> str:
    """Why a bulk command cannot be planned once more for the rest, or ''."""
    if bulk.state in {BulkState.PLANNED, BulkState.RUNNING}:
        return _("It is not through yet.")
    if not bulk.asked and MASK in json.dumps(bulk.params):
        return _("The secrets of this order are gone: place it anew.")
    return "" if _not_taken(bulk).exists() else _("All took it, or have not answered yet.")


def _not_taken(bulk: BulkCommand) -> QuerySet[BulkTarget]:
    """The targets that were skipped, or whose order ended with anything but a yes."""
    ended = Command.objects.whole_in(FINAL - {CommandState.ACCEPTED})
    refused = Q(state=TargetState.SKIPPED) | Q(command__in=ended.values("pk"))
    return BulkTarget.objects.filter(refused, bulk=bulk)


def skip_reason(asked: Order, point: ChargePoint) -> str:
    """Why a charge point is left out, or ''; one that never connected is asked: its version shows then."""
    if not point.is_registered:
        return _("It is deregistered.")
    return not_carried(asked, getattr(getattr(point, "live", None), "ocpp_version", ""))


def bulk_orders_run(*, bulk_id: int | None = None, now: datetime) -> int:
    """Place the portions that are due, of all running bulk commands or of one; how many targets were settled.

    One worker has a portion for itself; each target is a transaction of its own, so a crash repeats none.
    """
    settled = 0
    while (bulk := bulk_claim(bulk_id=bulk_id, now=now)) is not None:
        for target_id in bulk_portion(bulk):
            settled += _place(bulk, target_id, now)
        bulk_finish(bulk=bulk, now=now)
    return settled


def _place(bulk: BulkCommand, target_id: int, now: datetime) -> int:
    with transaction.atomic():
        waiting = BulkTarget.objects.select_for_update(of=("self",)).select_related("charge_point", "bulk")
        target = waiting.filter(
            pk=target_id, state=TargetState.WAITING, bulk__state=BulkState.RUNNING
        ).first()
        if target is None:
            return 0
        try:
            command = _ordered(target.charge_point, bulk, now)
        except DomainError as refused:
            bulk_target_settle(target_id=target_id, command=None, skipped=_why(refused))
        except OperationalError:
            raise
        except Exception:
            # One charge point that cannot be ordered must not keep all others waiting for ever.
            log.exception("bulk.target_failed", bulk=bulk.pk, target=target_id, order=bulk.order)
            bulk_target_settle(target_id=target_id, command=None, skipped=_("The order could not be placed."))
        else:
            bulk_target_settle(target_id=target_id, command=command)
    return 1


def _ordered(charge_point: ChargePoint, bulk: BulkCommand, now: datetime) -> Command:
    """The command, or nothing of it."""
    with transaction.atomic():
        return order_place(
            charge_point=charge_point,
            order=bulk.order,
            params=bulk_params(bulk),
            requested_by=bulk.requested_by,
            reason=bulk.reason,
            source=BULK,
            ttl=timedelta(seconds=bulk.valid_seconds),
            attempts=bulk.max_attempts,
            now=now,
        )


def _why(refused: DomainError) -> str:
    faults = (f"{name}: {fault}" for name, fault in refused.fields.items() if fault != refused.message)
    return " ".join([refused.message, "; ".join(faults)]).strip()
