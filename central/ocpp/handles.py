"""The two handles of a transaction: ours (the session's uid) and the charge point's own."""

from collections.abc import Container, Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from central.models import ChargingProfile, Connector, Reservation, Session
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


def params_in_our_words(
    charge_point_id: int, fields: Container[str], params: Mapping[str, Any]
) -> dict[str, Any]:
    """The parameters of an order with OCPP's ids and those of our rows in the words of its form (`fields`).

    evse_id and connector_id are OCPP's numbers (a connector alone is 1.6's, our EVSE); `connector`,
    `reservation` and `profile` are ids of our rows; `session` and `transaction_id` may be either one's.
    Raises NotFound for a row that this charge point does not have.
    """
    words = dict(params)
    if "evse_number" in fields:
        _place(charge_point_id, fields, words)
    if "id_tag" in fields and "id_token" in words and "id_tag" not in words:
        words["id_tag"] = words.pop("id_token")
    _session(charge_point_id, fields, words)
    for name, model in (("reservation", Reservation), ("profile", ChargingProfile)):
        if name in words and name not in fields and f"{name}_id" in fields:
            words[f"{name}_id"] = _row(model, charge_point_id, words.pop(name)).number
    return words


def _place(charge_point_id: int, fields: Container[str], words: dict[str, Any]) -> None:
    if "connector" in words and "connector" not in fields:
        row = _row(Connector, charge_point_id, words.pop("connector"))
        words["evse_number"] = row.evse.number
        if "connector_number" in fields:
            words["connector_number"] = row.number
    if "evse_id" in words:
        words["evse_number"] = words.pop("evse_id")
    if "connector_id" in words:
        name = "connector_number" if words.get("evse_number") else "evse_number"
        words[name if name in fields else "evse_number"] = words.pop("connector_id")


def _session(charge_point_id: int, fields: Container[str], words: dict[str, Any]) -> None:
    if "transaction_id" not in fields:
        return
    session = words.get("session")
    if session not in (None, "") and not _is_uuid(session):
        words["transaction_id"] = words.pop("session")
    if words.get("transaction_id") not in (None, ""):
        words["transaction_id"] = transaction_handle(charge_point_id, str(words["transaction_id"]))


def _is_uuid(value: Any) -> bool:
    try:
        UUID(str(value))
    except ValueError:
        return False
    return True


def _row(model: Any, charge_point_id: int, number: Any) -> Any:
    rows = model.objects.filter(charge_point=charge_point_id)
    found = rows.filter(pk=number).first() if str(number).isdecimal() and len(str(number)) < 19 else None
    if found is None:
        raise NotFound(_("There is none with this id at this charge point."))
    return found
