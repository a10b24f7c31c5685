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
        (
            "SetNetworkProfile",
            {"connectionData": {"vpn": {"server": "vpn", "user": "u", "password": CANARY, "key": CANARY}}},
        ),
        ("GetLog", {"log": {"remoteLocation": f"ftp://user:{CANARY}@logs.example/in"}}),
        ("GetLog", {"log": {"remoteLocation": f"https://s3.example/a?X-Amz-Signature={CANARY}&x=1"}}),
        ("GetLog", {"log": {"remoteLocation": f"https://charge.example/files/logs/{CANARY}/diag.zip"}}),
        ("GetDiagnostics", {"location": f"https://blob.example/a?sv=2024&sig={CANARY}"}),
        (
            "UpdateFirmware",
            {"firmware": {"location": f"https://charge.example/files/firmware/{CANARY}/a.bin"}},
        ),
        ("UpdateFirmware", {"location": f"https://gcs.example/a?X-Goog-Signature={CANARY}&X-Goog-Date=1"}),
        ("DataTransfer", {"data": f'{{"url": "https://x.example/?access_token={CANARY}"}}'}),
        ("GetDiagnostics", {"location": f"sftp://:{CANARY}@logs.example/in?a=b"}),
        ("UpdateFirmware", {"firmware": {"location": f"https://u:{CANARY}@fw.example/1.bin"}}),
        (
            "GetVariables",
            {"getVariableResult": [{"attributeValue": CANARY, "variable": {"name": "BasicAuthPassword"}}]},
        ),
        (
            "NotifyEvent",
            {"eventData": [{"actualValue": CANARY, "variable": {"name": "BasicAuthPassword"}}]},
        ),
        ("DataTransfer", {"vendorId": "V", "data": json.dumps({"deep": [{"password": CANARY}]})}),
        ("DataTransfer", {"vendorId": "V", "data": {"key": "AuthorizationKey", "value": CANARY}}),
        ("NoSuchAction", {"password": CANARY}),
        ("changeconfiguration", {"key": "authorizationkey", "value": CANARY}),
    ],
)
def test_secrets_are_masked(action, payload):
    assert CANARY not in json.dumps(masked(action, payload))
    assert CANARY in json.dumps(payload)


def test_what_cannot_be_looked_through_is_not_kept():
    deep = "[" * 900 + "]" * 900
    assert masked("DataTransfer", {"vendorId": "V", "data": deep}) == {"vendorId": "V", "data": "***"}


@pytest.mark.parametrize(
    "data", ["{not JSON", '{"temperature":1}', "https://example.com/a:b@c", "plain", 5, None, [1, "x"]]
)
def test_a_vendors_data_is_kept_as_it_was(data):
    assert masked("DataTransfer", {"vendorId": "V", "data": data}) == {"vendorId": "V", "data": data}


def test_everything_else_is_kept_as_it_is():
    payload = {"key": "HeartbeatInterval", "value": "300"}
    assert masked("ChangeConfiguration", payload) == payload
    other = {"value": 1}
    assert masked("MeterValues", other) is other


def test_the_rest_of_an_address_stays_readable():
    address = "https://s3.example/logs/a.zip?version=3&X-Amz-Expires=60&X-Amz-Signature=abc"
    shown = masked("GetLog", {"log": {"remoteLocation": address}})["log"]["remoteLocation"]
    assert shown == "https://s3.example/logs/a.zip?version=3&X-Amz-Expires=60&X-Amz-Signature=***"


@pytest.mark.parametrize("part", ["sig", "a?sig", "&key", "token."])
def test_megabytes_made_to_be_searched_again_and_again_are_read_once(part):
    data = "https://x.example/?" + part * 300_000
    assert masked("DataTransfer", {"vendorId": "V", "data": data}) == {"vendorId": "V", "data": data}
