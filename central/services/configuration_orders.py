"""Orders with lists: cut into what a charge point takes at once (2.x ItemsPerMessage; 1.6 one key)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from central.models import ChargePointStatus, Command
from central.services.command_secrets import command_secret_keep
from central.services.commands import command_create
from central.services.device_places import Place, place_of
from central.services.variables import HIDDEN, keys_limit, limit_of
from emobility.lib.errors import Invalid
from registry.models import ChargePoint

GET: Final = "configuration_get"
SET: Final = "configuration_set"
LIST: Final = "variables"
DEVICE_DATA: Final = "DeviceDataCtrlr"
MONITORING: Final = "MonitoringCtrlr"
PASSWORDS: Final = frozenset({"authorizationkey", "basicauthpassword"})
"""Changed by the order that rotates passwords: changed here, the charge point would be locked out."""

Items = Sequence[Any]


def commands_create(
    *,
    charge_point: ChargePoint,
    order: str,
    params: Mapping[str, Any],
    name: str = LIST,
    limit: int | None,
    part_of: Command | None = None,
    now: datetime,
    **common: Any,
) -> Command:
    """Queue an order, as several commands where its list `name` is longer than `limit`; the first of them.

    The others are its parts, all of them those of `part_of` where there is one. All are queued or none.
    Raises what `command_create` raises.
    """
    items: Items = params.get(name) or []
    size = limit or len(items) or 1
    parts = [items[start : start + size] for start in range(0, len(items), size)]
    first = part_of
    with transaction.atomic():
        for part in parts or [items]:
            made = command_create(
                charge_point=charge_point,
                order=order,
                params={**params, name: part} if part else dict(params),
                part_of=first,
                now=now,
                **common,
            )
            first = first or made
    return first or made


def version_of(charge_point: ChargePoint) -> str:
    """The version that the charge point last spoke; '' where it never did."""
    live = ChargePointStatus.objects.filter(charge_point=charge_point).first()
    return live.ocpp_version if live else ""


def get_limit(charge_point: ChargePoint) -> int | None:
    """How many values may be asked for at once."""
    if version_of(charge_point) == "1.6":
        return keys_limit(charge_point.pk)
    return limit_of(charge_point.pk, DEVICE_DATA, "GetVariables")


def set_limit(charge_point: ChargePoint) -> int | None:
    """How many values may be changed at once: in 1.6 a message carries one (§5.3)."""
    if version_of(charge_point) == "1.6":
        return 1
    return limit_of(charge_point.pk, DEVICE_DATA, "SetVariables")


def configuration_set(
    *,
    charge_point: ChargePoint,
    items: Sequence[Mapping[str, Any]],
    is_secret: Callable[[str], bool],
    now: datetime,
    **common: Any,
) -> Command:
    """Queue changes of values; `is_secret` tells names whose values are kept apart until they were sent.

    Raises Invalid for passwords, which have an order of their own, and for a value that is wanted twice.
    """
    _check(items, version_of(charge_point))
    order = {"charge_point": charge_point, "order": SET, "now": now, **common}
    secret, usual = _parted(items, is_secret)
    first: Command | None = None
    with transaction.atomic():
        for item in secret:
            made = _secret_command(item, order | {"part_of": first})
            first = first or made
        if usual or first is None:
            limit = set_limit(charge_point)
            first = commands_create(params={LIST: usual}, limit=limit, part_of=first, **order)
    return first


def _parted(items: Items, is_secret: Callable[[str], bool]) -> tuple[list[Any], list[Any]]:
    """The values that are kept apart, and the others."""
    secret = [dict(item) for item in items if is_secret(_last_name(item))]
    return secret, [dict(item) for item in items if not is_secret(_last_name(item))]


def _secret_command(item: Mapping[str, Any], order: Mapping[str, Any]) -> Command:
    command = command_create(params={LIST: [{**item, "value": HIDDEN}]}, **order)
    command_secret_keep(command=command, content={"value": item["value"]})
    return command


def _check(items: Sequence[Mapping[str, Any]], version: str) -> None:
    seen: set[tuple[str, str]] = set()
    for item in items:
        if _last_name(item).lower() in PASSWORDS:
            fault = _("Passwords are changed by the order that rotates them, so that nobody is locked out.")
            raise Invalid(fault, {LIST: fault})
        place = place_of(item, version) if version else _anywhere(item)
        if (place.key, place.attribute) in seen:
            fault = _("{name} stands there twice.").format(name=place.name)
            raise Invalid(fault, {LIST: fault})
        seen.add((place.key, place.attribute))


def _anywhere(item: Mapping[str, Any]) -> Place:
    """A stand-in for a charge point that never told its version."""
    return Place(str({name: value for name, value in item.items() if name != "value"}))


def _last_name(item: Mapping[str, Any]) -> str:
    """The name of the variable itself."""
    name = str(item.get("variable") or item.get("name", ""))
    return name.split("#")[0].split("[")[0].rpartition(".")[2].strip()
