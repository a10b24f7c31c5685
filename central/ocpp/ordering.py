"""Orders by name: parameters checked by the order's form, then queued; one way for REST, pages, partners."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django import forms
from django.db import transaction
from django.utils.translation import gettext as _

from central.models import ChargePointStatus, Command
from central.ocpp.building import buildable_check, carried_check, not_carried
from central.ocpp.handles import params_in_our_words
from central.ocpp.intents import ORDERS, Order
from central.ocpp.order_values import order_params, tells_secret
from central.services.commands import (
    DEFAULT_TTL,
    command_allow_attempts,
    command_cancel,
    command_create,
    command_retry,
    commands_to_repeat,
)
from central.services.pace import BULK, pace_check
from central.services.variables import HIDDEN
from central.services.whole_orders import FINAL, first_of
from emobility.lib.errors import Conflict, Forbidden, Invalid
from registry.models import ChargePoint, User
from registry.rights import may

OLDEST: Final = "1.6"


class NotConnected(Conflict):
    """The charge point is not connected, and the order may not wait for it."""

    code = "not_connected"


def order_place(
    *,
    charge_point: ChargePoint,
    order: str,
    params: Mapping[str, Any],
    requested_by: User | None = None,
    reason: str = "",
    source: str = "system",
    ttl: timedelta = DEFAULT_TTL,
    attempts: int = 1,
    queue: bool = True,
    now: datetime,
) -> Command:
    """Queue an order by intent. Raises Invalid (with its fields), Forbidden, NotFound, Conflict, TooMany.

    What the version that the charge point spoke last cannot carry is Invalid, and nothing is kept of it.
    It is valid for `ttl`; with more than one of `attempts` it is sent again where no answer came. Without
    `queue` it must be able to leave at once: NotConnected is raised where nobody would hear it.
    """
    asked, version = order_allowed(order, requested_by), spoken_version(charge_point)
    carried_check(asked, version)
    values = order_params(asked, params_in_our_words(charge_point.pk, asked.form.base_fields, params))
    if not queue and not _connected(charge_point):
        raise NotConnected(_("The charge point is not connected."))
    common: dict[str, Any] = {
        "charge_point": charge_point,
        "params": dict(values),
        "requested_by": requested_by,
        "reason": reason,
        "source": source,
        "ttl": ttl,
        "now": now,
    }
    with transaction.atomic():
        if requested_by is not None and source != BULK:
            pace_check(requested_by, now)  # before any other lock, so that nobody waits crosswise
        command = asked.create(**common) if asked.create else command_create(order=order, **common)
        buildable_check(asked, command, version, values)
        _keep_asked(asked, command, values)
        if attempts > 1:
            command_allow_attempts(command=command, attempts=attempts)
    return command


def order_allowed(order: str, person: User | None) -> Order:
    """The order of that name. Raises Invalid where there is none, Forbidden where the person may not."""
    asked = ORDERS.get(order)
    if asked is None:
        raise Invalid(_("There is no such order."), {"order": _("not known")})
    if person is not None and not may(person, asked.right):
        raise Forbidden(_("Your role may not order this."))
    return asked


def order_cancel(*, command: Command, requested_by: User, now: datetime) -> Command:
    """Take back a command that waits, for who could have ordered it. Raises Forbidden, Conflict."""
    _right_check(first_of(command), requested_by)
    return command_cancel(command=command, requested_by=requested_by, now=now)


def order_retry(
    *,
    command: Command,
    requested_by: User,
    queue: bool = True,
    at_most: timedelta | None = None,
    now: datetime,
) -> Command:
    """Queue a finished order again for a person. Raises Forbidden, Conflict, TooMany, Invalid.

    It is valid as long as the first time, or `at_most`; without `queue` NotConnected may be raised.

    An order that keeps rows of its own (a reservation, a profile, a job) is placed anew with what was asked.
    """
    first = first_of(command)
    _right_check(first, requested_by)
    hindrance = retry_hindrance(first)
    if hindrance:
        raise Conflict(hindrance)
    if not queue and not _connected(first.charge_point):
        raise NotConnected(_("The charge point is not connected."))
    if not first.asked:
        return command_retry(command=first, requested_by=requested_by, at_most=at_most, now=now)
    valid = first.expires_at - first.created_at
    with transaction.atomic():
        again = order_place(
            charge_point=first.charge_point,
            order=first.order,
            params=json.loads(first.asked),
            requested_by=requested_by,
            reason=first.reason,
            source="retry" if first.source == BULK else first.source,
            ttl=min(valid, at_most or valid),
            attempts=first.max_attempts,
            now=now,
        )
        again.retry_of = first
        again.save(update_fields=["retry_of"])
    return again


def _right_check(command: Command, person: User) -> None:
    asked = ORDERS.get(command.order)
    if asked is not None and not may(person, asked.right):
        raise Forbidden(_("Your role may not order this."))


def retry_hindrance(command: Command) -> str:
    """Why an order may not be queued again, empty where it may."""
    first = first_of(command)
    if first.outcome not in FINAL:
        return _("It is still under way.")
    asked = ORDERS.get(first.order)
    uncarried = not_carried(asked, spoken_version(first.charge_point)) if asked else ""
    return uncarried or ("" if first.asked else _lost(first, asked))


def _lost(first: Command, asked: Order | None) -> str:
    """What an order whose words were not kept lacks for another time, empty where nothing."""
    if asked is not None and asked.create is not None and not asked.again:
        return _("What was asked is not kept with this order: place it anew.")
    if any(_hidden(each.params) for each in commands_to_repeat(first)):
        return _("The secrets of this order are gone: place it anew.")
    return ""


def order_form(asked: Order, data: Any, charge_point: ChargePoint) -> forms.Form:
    """The form of an order's page; one with `for_charge_point(charge_point)` offers what exists there.

    A charge point is not offered what its version cannot say (`Order.withheld`); 1.6 has no word for an EVSE.
    """
    form = asked.form(data)
    offer = getattr(form, "for_charge_point", None)
    if offer is not None:
        offer(charge_point)
    version = spoken_version(charge_point)
    for each in asked.withheld(version):
        _withhold(form, *each.split("=", 1))
    place: Any = form.fields.get("evse_number")
    if version == OLDEST and place is not None:
        place.label = _("Connector")
    return form


def _withhold(form: forms.Form, name: str, choice: str | None = None) -> None:
    """Take a field away, or one of its choices."""
    field: Any = form.fields.get(name)
    if choice is None:
        form.fields.pop(name, None)
    elif field is not None:
        field.choices = [(value, words) for value, words in field.choices if value != choice]


def spoken_version(charge_point: ChargePoint) -> str:
    """The version that the charge point last spoke; '' where it never did."""
    rows = ChargePointStatus.objects.filter(charge_point=charge_point)
    return rows.values_list("ocpp_version", flat=True).first() or ""


def _connected(charge_point: ChargePoint) -> bool:
    rows = ChargePointStatus.objects.filter(charge_point=charge_point)
    return rows.exclude(connection_id=None).exists()


def _keep_asked(asked: Order, command: Command, values: Mapping[str, Any]) -> None:
    """Keep what was asked where the command itself cannot be repeated; never a secret."""
    if asked.create is not None and not asked.again and not tells_secret(dict(values)):
        command.asked = json.dumps(values)
        command.save(update_fields=["asked"])


def _hidden(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(_hidden(part) for part in value)
    return any(_hidden(part) for part in value.values()) if isinstance(value, dict) else value == HIDDEN
