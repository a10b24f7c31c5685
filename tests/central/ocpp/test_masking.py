"""The message log never keeps a secret (RELIABILITY T7)."""

import json

import pytest

from central.ocpp.masking import masked

CANARY = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("action", "payload"),
    [
        ("ChangeConfiguration", {"key": "AuthorizationKey", "value": CANARY}),
        (
            "GetConfiguration",
            {"configurationKey": [{"key": "AuthorizationKey", "readonly": False, "value": CANARY}]},
        ),
        (
            "SetVariables",
            {"setVariableData": [{"attributeValue": CANARY, "variable": {"name": "BasicAuthPassword"}}]},
        ),
        (
            "NotifyReport",
            {
                "reportData": [
                    {"variable": {"name": "basicauthpassword"}, "variableAttribute": [{"value": CANARY}]}
                ]
            },
        ),
        (
            "SetNetworkProfile",
            {"connectionData": {"basicAuthPassword": CANARY, "apn": {"apnPassword": CANARY}}},
        ),
    ],
)
def test_secrets_are_masked(action, payload):
    assert CANARY not in json.dumps(masked(action, payload))
    assert CANARY in json.dumps(payload)


def test_everything_else_is_kept_as_it_is():
    payload = {"key": "HeartbeatInterval", "value": "300"}
    assert masked("ChangeConfiguration", payload) == payload
    other = {"value": 1}
    assert masked("MeterValues", other) is other
