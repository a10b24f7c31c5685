"""The two handles of a transaction: ours (the session's uid) and the charge point's own."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from central.models import Session
from emobility.lib.errors import Invalid, NotFound


def transaction_handle(charge_point_id: int, value: str) -> str:
    """The charge point's handle for either one; what nobody knows here is its own and stays as it is."""
    here = Session.objects.filter(charge_point_id=charge_point_id)
    if here.filter(transaction_id=value).exists():
        return value
    try:
        uid = UUID(value)
    except ValueError:
        return value
    found = here.filter(uid=uid).values_list("transaction_id", flat=True).first()
    return found or value


def transaction_of(charge_point_id: int, params: Mapping[str, Any]) -> str:
    """The transaction that an order names by `session` or `transaction_id`; an unknown one is passed on.

    Raises NotFound for an unknown session, Invalid where neither is given.
    """
    if "session" in params:
        here = Session.objects.filter(charge_point_id=charge_point_id, uid=params["session"])
        found = here.values_list("transaction_id", flat=True).first()
        if found is None:
            raise NotFound(_("No such session."))
        return found
    if not params.get("transaction_id"):
        raise Invalid(_("Name the session."), {"session": _("needs session or transaction_id")})
    return transaction_handle(charge_point_id, str(params["transaction_id"]))


def with_own_handle(charge_point_id: int, version: str, payload: dict[str, Any]) -> dict[str, Any]:
    """The payload with the charge point's handle wherever `transactionId` names our session, at any depth."""
    return {key: _own(charge_point_id, version, key, value) for key, value in payload.items()}


def _own(charge_point_id: int, version: str, key: str, value: Any) -> Any:
    if isinstance(value, dict):
        return with_own_handle(charge_point_id, version, value)
    if isinstance(value, list):
        return [_own(charge_point_id, version, "", part) for part in value]
    if key != "transactionId" or not isinstance(value, str):
        return value
    handle = transaction_handle(charge_point_id, value)
    return int(handle) if version == "1.6" and handle.isdecimal() else handle
