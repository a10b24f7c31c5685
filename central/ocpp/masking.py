"""Secrets never reach the message log: keys, passwords and what carries them are masked."""

from typing import Any, Final

MASK: Final = "***"
_SENSITIVE_ACTIONS: Final = frozenset(
    {
        "ChangeConfiguration",
        "GetConfiguration",
        "SetVariables",
        "GetVariables",
        "NotifyReport",
        "SetNetworkProfile",
        "DataTransfer",
        "GetLog",
        "GetDiagnostics",
        "UpdateFirmware",
    }
)
_SECRET_NAMES: Final = frozenset({"authorizationkey", "basicauthpassword", "password", "apnpassword"})
_VALUES: Final = ("value", "attributeValue")


def masked(action: str, payload: Any) -> Any:
    """The payload as it may be kept: the same object where the action carries no secrets."""
    return _masked(payload) if action in _SENSITIVE_ACTIONS else payload


def _masked(value: Any) -> Any:
    if isinstance(value, list):
        return [_masked(part) for part in value]
    if not isinstance(value, dict):
        return value
    result = {key: MASK if _is_secret(key, part) else _masked(part) for key, part in value.items()}
    if _names_secret(value):
        result |= {key: MASK for key in _VALUES if key in result}
        if "variableAttribute" in result:
            result["variableAttribute"] = MASK
    return result


def _is_secret(key: str, part: Any) -> bool:
    return isinstance(part, str) and key.lower() in _SECRET_NAMES


def _names_secret(value: dict[str, Any]) -> bool:
    """True for 1.6 `{"key": "AuthorizationKey", ...}` and 2.x `{"variable": {"name": ...}, ...}`."""
    variable = value.get("variable")
    name = variable.get("name") if isinstance(variable, dict) else value.get("key")
    return isinstance(name, str) and name.lower() in _SECRET_NAMES
