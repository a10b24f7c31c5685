"""What other systems call an order -> ours: OCPP's names of 1.6 and 2.x with OCPP's words, or our own."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.utils.translation import gettext as _

from central.ocpp.intents import ORDERS
from emobility.lib.errors import Invalid

RAW: Final = "raw"
Words = dict[str, Any]
_PLACE: Final = dict.fromkeys(("connectorId", "connector_id", "evseId", "evse_id"), "evse_number")
RESETS: Final = {
    "soft": "gentle",
    "hard": "at_once",
    "onidle": "gentle",
    "immediate": "at_once",
    "immediateandresume": "resume",
}


def order_of(action: str, payload: Mapping[str, Any]) -> tuple[str, Words]:
    """Our order and its parameters for an action; one that is no order of ours goes out word for word.

    Raises Invalid for an empty name.
    """
    if not action:
        raise Invalid(_("Name the action."), {"action": _("is needed")})
    if action in ORDERS:
        return action, dict(payload)
    found = ACTIONS.get(action)
    if found is None:
        return RAW, {"action": action, "payload": dict(payload)}
    order, translate = found
    return order, translate(dict(payload))


def _renamed(**names: str) -> Callable[[Words], Words]:
    """Words by other names; those that are not named stay."""
    return lambda words: {names.get(name, name): value for name, value in words.items()}


def _start(words: Words) -> Words:
    token = words.pop("idToken", None)
    if isinstance(token, dict):
        words |= {"id_tag": token.get("idToken", "")}
    return _renamed(idTag="id_tag", **_PLACE)(words)


def _reset(words: Words) -> Words:
    renamed = _renamed(type="kind", evseId="evse_number")(words)
    kind = str(renamed.get("kind", "Soft"))
    return {**renamed, "kind": RESETS.get(kind.lower(), kind)}


def _availability(words: Words) -> Words:
    wanted = words.pop("type", None) or words.pop("operationalStatus", None)
    where = words.pop("evse", None)
    if isinstance(where, dict):
        words |= {"evse_number": where.get("id"), "connector_number": where.get("connectorId")}
    renamed = _renamed(connectorId="evse_number", connector_id="evse_number")(words)
    kept = {name: value for name, value in renamed.items() if value not in (None, 0)}
    return {**kept, "available": str(wanted)} if wanted is not None else kept


def _configuration_get(words: Words) -> Words:
    keys = words.pop("key", words.pop("keys", []))
    return {**words, "variables": [{"name": str(key)} for key in ([keys] if isinstance(keys, str) else keys)]}


def _configuration_set(words: Words) -> Words:
    name, value = words.pop("key", ""), words.pop("value", "")
    return {**words, "variables": [{"name": str(name), "value": str(value)}]}


_STOP: Final = _renamed(transactionId="transaction_id")
_UNLOCK: Final = _renamed(**_PLACE)
_MESSAGE: Final = _renamed(vendorId="vendor_id", messageId="message", data="content")
ACTIONS: Final[dict[str, tuple[str, Callable[[Words], Words]]]] = {
    "RemoteStartTransaction": ("remote_start", _start),
    "RequestStartTransaction": ("remote_start", _start),
    "RemoteStopTransaction": ("remote_stop", _STOP),
    "RequestStopTransaction": ("remote_stop", _STOP),
    "Reset": ("reset", _reset),
    "UnlockConnector": ("unlock", _UNLOCK),
    "ChangeAvailability": ("availability", _availability),
    "GetConfiguration": ("configuration_get", _configuration_get),
    "ChangeConfiguration": ("configuration_set", _configuration_set),
    "TriggerMessage": ("trigger", _renamed(requestedMessage="message", **_PLACE)),
    "ClearCache": ("clear_cache", _renamed()),
    "DataTransfer": ("data_transfer", _MESSAGE),
}
"""OCPP's names of the everyday orders; all others are sent as they are, where the account may do that."""
