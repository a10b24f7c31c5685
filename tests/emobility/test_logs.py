"""Log lines: JSON with the ids of what they speak of, and no secret in any form."""

import io
import json
import logging
import logging.config

import pytest
import structlog

from emobility.lib.logs import _formatter, scrubbed


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("Authorization: Bearer abcdefgh12345678", "abcdefgh12345678"),
        ("Authorization: Basic Q1AtMTpzZWNyZXQ=", "Q1AtMTpzZWNyZXQ="),
        ("Authorization: Token ZGV2LXRva2VuLTEyMzQ1Ng==", "ZGV2LXRva2VuLTEyMzQ1Ng=="),
        ("redis://:hunter2@host/0 and amqp://me:hunter2@host", "hunter2"),
        ("GET /firmware?X-Amz-Signature=0a1b2c&a=1", "0a1b2c"),
        ('{"password": "hunter2", "a": 1}', "hunter2"),
        ("api_key=hunter2, secret: hunter2;", "hunter2"),
        ("Cookie: sessionid=hunter2; csrftoken=hunter2", "hunter2"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "c2lnbmF0dXJl"),
        ("ticket.k1Zq4W6m0pYx8sVbT2nR5dGhJ7cL", "k1Zq4W6m0pYx8sVbT2nR5dGhJ7cL"),
        ("token abcdefghijk123456789", "abcdefghijk123456789"),
    ],
)
def test_secrets_in_texts_are_masked(text, secret):
    assert secret not in scrubbed(text)


@pytest.mark.parametrize(
    "text",
    [
        "Charge point connected",
        "The token belongs to another charge point",
        "CP not registered in EV_Registry or is deregistered",
        "basic checks passed",
        "https://host.example/ocpi/2.2.1/sender/cdrs?limit=50",
    ],
)
def test_what_is_no_secret_stays(text):
    assert scrubbed(text) == text


@pytest.mark.parametrize("part", ["token", "token-", "a", "eyJaaaaaa-", "secret ", "://a:"])
def test_a_path_made_to_be_searched_again_and_again_is_read_once(part):
    path = "GET /" + part * 20_000
    assert scrubbed(path) == path


def test_values_below_keys_are_masked_at_any_depth():
    told = scrubbed({"a": [{"client_secret": "x", "b": "Bearer abcdefgh1"}], "token_type": "bearer"})
    assert told == {"a": [{"client_secret": "***", "b": "Bearer ***"}], "token_type": "bearer"}


def test_a_json_line_names_what_it_speaks_of_and_its_traceback_holds_no_secret():
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    kinds = _formatter(json=True)
    handler.setFormatter(kinds.pop("()")(**kinds))
    logger = logging.getLogger("test_logs")
    logger.addHandler(handler)
    try:
        with structlog.contextvars.bound_contextvars(request_id="r-1", charge_point="CP-1", partner_id=7):
            try:
                raise ValueError("password=hunter2")
            except ValueError:
                logger.exception("failed with Bearer abcdefgh1234")
    finally:
        logger.removeHandler(handler)
    line = json.loads(stream.getvalue())
    assert (line["request_id"], line["charge_point"], line["partner_id"]) == ("r-1", "CP-1", 7)
    assert (line["event"], line["level"]) == ("failed with Bearer ***", "error")
    assert "hunter2" not in stream.getvalue()
