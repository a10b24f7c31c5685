"""Secrets never reach the message log: keys, passwords and what carries them are masked.

Masked are values whose name says that they are secret, values of variables with such a name (1.6 keys, 2.x
variables in every form that they are reported in), passwords, signatures and tokens inside of addresses, and
all of that also in JSON that travels as text (DataTransfer); and what charge points tell about a driver
(CustomerInformation).
"""

import re
from typing import Any, Final

import orjson

from emobility.lib.addresses import MASK, public_address

_HARMLESS: Final = frozenset(
    {
        "Authorize",
        "BootNotification",
        "Heartbeat",
        "MeterValues",
        "StartTransaction",
        "StatusNotification",
        "StopTransaction",
        "TransactionEvent",
    }
)
"""The many messages that carry no secret and shall cost nothing; whatever else arrives is looked through."""
_SECRET_NAMES: Final = frozenset(
    {
        "authorizationkey",
        "basicauthpassword",
        "password",
        "passwd",
        "apnpassword",
        "vpnpassword",
        "wifipassword",
        "passphrase",
        "psk",
        "presharedkey",
        "privatekey",
        "simpin",
        "vpnkey",
        "secret",
        "clientsecret",
        "apikey",
        "authorization",
    }
)
_VALUES: Final = ("value", "attributeValue", "actualValue", "variableAttribute")
_SIGNS: Final = re.compile(r"[^a-z0-9]")
"""What makers put between the words of a name."""


_PERSONAL: Final = {
    "CustomerInformation": ("idToken", "customerIdentifier", "customerCertificate"),
    "NotifyCustomerInformation": ("data",),
}
"""What is told of a driver: kept with the request for it alone, and deleted there when its day has come."""


def masked(action: str, payload: Any) -> Any:
    """The payload as it may be kept: the same object where the action carries no secrets."""
    if action in _HARMLESS:
        return payload
    for name in _PERSONAL.get(action, ()):
        payload = _without(payload, name)
    return _masked(payload)


def is_secret_name(name: str) -> bool:
    """True for a variable, key or field whose name says that its value is secret."""
    plain = _SIGNS.sub("", name.lower())
    return plain in _SECRET_NAMES or "password" in plain or "passphrase" in plain


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return _masked_text(value)
    if isinstance(value, list):
        return [_masked(part) for part in value]
    if not isinstance(value, dict):
        return value
    result = {key: MASK if _is_secret(key, part) else _masked(part) for key, part in value.items()}
    if _names_secret(value):
        result |= {key: MASK for key in _VALUES if key in result}
    if "vpn" in result:
        result["vpn"] = _without(result["vpn"], "key")
    return result


def _masked_text(text: str) -> str:
    if "/" in text:
        text = public_address(text)
    if text[:1] in {"{", "["}:
        return _masked_json(text)
    return text


def _masked_json(text: str) -> str:
    """JSON inside of a text; as it was where nothing in it is secret, or it is no JSON."""
    try:
        value = orjson.loads(text)
        clean = _masked(value)
    except orjson.JSONDecodeError:
        return text
    except RecursionError:
        return MASK
    return text if clean == value else orjson.dumps(clean).decode()


def _without(part: Any, name: str) -> Any:
    return part | {name: MASK} if isinstance(part, dict) and name in part else part


def _is_secret(key: str, part: Any) -> bool:
    return isinstance(part, str | int) and is_secret_name(key)


def _names_secret(value: dict[str, Any]) -> bool:
    """True for 1.6 `{"key": "AuthorizationKey", ...}` and 2.x `{"variable": {"name": ...}, ...}`."""
    variable = value.get("variable")
    name = variable.get("name") if isinstance(variable, dict) else value.get("key")
    return isinstance(name, str) and is_secret_name(name)
