"""Orders by name: parameters checked by the order's form, then queued; one way for REST, pages, partners."""

import json
import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django import forms
from django.db import transaction
from django.utils.translation import gettext as _

from central.models import Command
from central.ocpp.intents import ORDERS, Order
from central.services.commands import (
    DEFAULT_TTL,
    FINAL,
    command_allow_attempts,
    command_create,
    command_retry,
)
from central.services.variables import HIDDEN
from emobility.lib.errors import Conflict, Forbidden, Invalid
from registry.models import ChargePoint, User
from registry.rights import may

LARGEST: Final = 2**31 - 1
NO_TEXT: Final = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
"""A character 0 as JSON writes it; a backslash before it is itself one of the text."""


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
    now: datetime,
) -> Command:
    """Queue an order by intent. Raises Invalid (with its fields), Forbidden, NotFound, Conflict, TooMany.

    It is valid for `ttl`; with more than one of `attempts` it is sent again where no answer came.
    """
    asked = ORDERS.get(order)
    if asked is None:
        raise Invalid(_("There is no such order."), {"order": _("not known")})
    if requested_by is not None and not may(requested_by, asked.right):
        raise Forbidden(_("Your role may not order this."))
    values = order_params(asked, params)
    common: dict[str, Any] = {
        "charge_point": charge_point,
        "params": values,
        "requested_by": requested_by,
        "reason": reason,
        "source": source,
        "ttl": ttl,
        "now": now,
    }
    with transaction.atomic():
        command = asked.create(**common) if asked.create else command_create(order=order, **common)
        if attempts > 1:
            command_allow_attempts(command=command, attempts=attempts)
    return command


def order_retry(*, command: Command, requested_by: User, now: datetime) -> Command:
    """Queue a finished command again for a person. Raises Forbidden, Conflict, TooMany."""
    asked = ORDERS.get(command.order)
    if asked is not None and not may(requested_by, asked.right):
        raise Forbidden(_("Your role may not order this."))
    hindrance = retry_hindrance(command)
    if hindrance:
        raise Conflict(hindrance)
    return command_retry(command=command, requested_by=requested_by, now=now)


def retry_hindrance(command: Command) -> str:
    """Why a command may not be queued again, empty where it may.

    A copy of its parameters has no rows (a reservation, a profile, a job) and no secrets of its own.
    """
    asked = ORDERS.get(command.order)
    if command.state not in FINAL:
        return _("It is still under way.")
    if asked is not None and asked.create is not None and not asked.again:
        return _("This order keeps more than the command: place it anew.")
    if HIDDEN in command.params.values():
        return _("The secrets of this order are gone: place it anew.")
    return ""


def order_params(asked: Order, params: Mapping[str, Any]) -> dict[str, Any]:
    """The checked parameters as JSON keeps them, without empty ones. Raises Invalid with their names."""
    form = asked.form(dict(params))
    unknown = set(params) - set(form.fields)
    if unknown:
        raise Invalid(
            _("Some values are wrong."), {name: _("This order has no such value.") for name in unknown}
        )
    if not form.is_valid():
        raise Invalid(
            _("Some values are wrong."), {name: str(errors[0]) for name, errors in form.errors.items()}
        )
    values = {name: plain(value) for name, value in form.cleaned_data.items() if value not in (None, "")}
    faults = {name: fault for name, value in values.items() if (fault := _unkeepable(value))}
    if faults:
        raise Invalid(_("Some values are wrong."), faults)
    return values


def _unkeepable(value: Any) -> str:
    """What neither OCPP nor our tables can hold of a value, empty where all fits.

    Integers have 32 bits in both; JSON in PostgreSQL has no character 0, and none has NaN or infinity.
    """
    if isinstance(value, int) and not -LARGEST - 1 <= value <= LARGEST:
        return _("At most {most}.").format(most=LARGEST)
    if not isinstance(value, (list, dict)):
        return ""
    try:
        text = json.dumps(value, allow_nan=False)
    except ValueError:
        return _("NaN and infinity are no numbers of JSON.")
    return _("The character 0 cannot be kept.") if NO_TEXT.search(text) else ""


def order_form(asked: Order, data: Any, charge_point: ChargePoint) -> forms.Form:
    """The form of an order's page; one with `for_charge_point(charge_point)` offers what exists there."""
    form = asked.form(data)
    offer = getattr(form, "for_charge_point", None)
    if offer is not None:
        offer(charge_point)
    return form


def plain(value: Any) -> Any:
    """A cleaned value as JSON keeps it: moments in ISO 8601, amounts and ids as text."""
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return str(value) if isinstance(value, (Decimal, UUID)) else value
