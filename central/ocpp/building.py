"""An order as the request of a version: tried when it is placed, built for good when it leaves."""

from collections.abc import Mapping
from copy import copy
from typing import Any

from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _

from central.models import Command
from central.ocpp.errors import OcppError
from central.ocpp.intents import BUILDERS, Order
from central.ocpp.pending import FOR_DRIVERS
from central.ocpp.schemas import validate_request
from central.services.acceptance import waits_for_acceptance
from emobility.lib.errors import Conflict, Invalid


class NotBuilt(Exception):
    """An order has no form in this version, or not with these parameters."""


def request_build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """Action and payload, valid in the version. Raises NotBuilt."""
    build = BUILDERS.get((version, command.order))
    if build is None:
        raise NotBuilt(f"OCPP {version} has no such order.")
    try:
        action, payload = build(version, command)
        validate_request(version, action, payload)
    except OcppError as error:
        raise NotBuilt(f"Not valid in OCPP {version}: {error.field or error.code}.") from error
    except DatabaseError:
        raise
    except Exception as error:
        raise NotBuilt(str(error)[:200] or type(error).__name__) from error
    return action, payload


def not_carried(asked: Order, version: str) -> str:
    """Why a charge point of this version ('': not known) cannot carry the order, empty where it can."""
    if not version or version in asked.versions:
        return ""
    return _("OCPP {version} has no such order.").format(version=version)


def carried_check(asked: Order, version: str) -> None:
    """Raise Invalid where a charge point of this version cannot carry the order at all."""
    fault = not_carried(asked, version)
    if fault:
        raise Invalid(fault, {"order": fault})


def buildable_check(asked: Order, command: Command, version: str, values: Mapping[str, Any]) -> None:
    """Raise Invalid where the version ('': not known) cannot say these parameters; a try that leaves nothing.

    Conflict where it is a service for drivers and the charge point waits to be accepted. What only a mistake
    of ours prevents is not refused: it shows when the order leaves.
    """
    if not version:
        return
    try:
        with transaction.atomic():
            action, _payload = request_build(version, copy(command))
            transaction.set_rollback(True)
    except NotBuilt as error:
        if isinstance(error.__cause__, (OcppError, ValueError)):
            raise Invalid(str(error), _named(asked, version, values, str(error))) from error
        return
    if action in FOR_DRIVERS and waits_for_acceptance(command.charge_point_id):
        raise Conflict(_("The charge point waits to be accepted: accept it first."))


def _named(asked: Order, version: str, values: Mapping[str, Any], fault: str) -> dict[str, str]:
    """The parameters that this version is not offered; none where it is no single one."""
    named = {}
    for each in asked.withheld(version):
        name, _is, choice = each.partition("=")
        if values.get(name) and (not choice or values[name] == choice):
            named[name] = fault
    return named
