"""The monitor's settings are those of the document; its file is for its owner alone."""

import json
import logging
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from central.monitor.config import ConfigError, config_from
from central.monitor.credentials import (
    Credentials,
    CredentialsUnreadable,
    credentials_load,
    credentials_save,
)

NOW = datetime(2026, 1, 5, 10, tzinfo=UTC)
FOLDER = Path("/var/lib/charge-points")


def test_an_id_is_enough_the_rest_has_the_defaults_of_the_document():
    config = config_from({"CP_MONITOR_CP_ID": "CP-001"}, FOLDER)
    assert config.location == "Unknown"
    assert config.engine_url == "http://localhost:8001/health"
    assert config.central_url == "http://localhost:8000"
    assert config.registry_url == "http://localhost:8080"
    assert (config.registry_enabled, config.health_interval, config.log_level) == (True, 1.0, logging.INFO)
    assert config.credentials_file == FOLDER / "CP-001.json"


def test_every_setting_is_read(tmp_path):
    secret = tmp_path / "token"
    secret.write_text("enrol-me\n")
    config = config_from(
        {
            "CP_MONITOR_CP_ID": "CP|1 /x",
            "CP_MONITOR_LOCATION": "Berlin",
            "CP_MONITOR_CP_E_HOST": "::1",
            "CP_MONITOR_CP_E_PORT": "9001",
            "CP_MONITOR_CENTRAL_HOST": "ev-central",
            "CP_MONITOR_CENTRAL_PORT": "9000",
            "CP_MONITOR_HEALTH_INTERVAL": "0.5",
            "CP_MONITOR_LOG_LEVEL": "debug",
            "CP_MONITOR_REGISTRY_URL": "https://ev-registry:8080/",
            "CP_MONITOR_REGISTRY_ENABLED": "false",
            "CP_MONITOR_CA_FILE": "/certs/ca.pem",
            "CP_MONITOR_ENROLMENT_TOKEN_FILE": str(secret),
        },
        FOLDER,
    )
    assert config.engine_url == "http://[::1]:9001/health"
    assert config.central_url == "http://ev-central:9000"
    assert config.registry_url == "https://ev-registry:8080"
    assert (config.registry_enabled, config.health_interval, config.log_level) == (False, 0.5, logging.DEBUG)
    assert (config.location, config.ca_file, config.enrolment_token) == (
        "Berlin",
        "/certs/ca.pem",
        "enrol-me",
    )
    assert config.credentials_file == FOLDER / "CP_1__x.json"


def test_the_address_of_central_may_be_given_whole_for_tls():
    environment = {"CP_MONITOR_CP_ID": "CP-001", "CP_MONITOR_CENTRAL_URL": "https://central.example.org"}
    assert config_from(environment, FOLDER).central_url == "https://central.example.org"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CP_ID", ""),
        ("CP_E_PORT", "none"),
        ("CENTRAL_PORT", "70000"),
        ("HEALTH_INTERVAL", "0"),
        ("HEALTH_INTERVAL", "nan"),
        ("LOG_LEVEL", "LOUD"),
        ("REGISTRY_ENABLED", "perhaps"),
        ("REGISTRY_URL", "ev-registry:8080"),
        ("ENROLMENT_TOKEN_FILE", "/nowhere/at/all"),
    ],
)
def test_a_wrong_value_is_named_in_one_line(name, value):
    with pytest.raises(ConfigError, match=f"CP_MONITOR_{name}") as caught:
        config_from({"CP_MONITOR_CP_ID": "CP-001", f"CP_MONITOR_{name}": value}, FOLDER)
    assert "\n" not in str(caught.value)


def test_the_file_is_for_its_owner_and_comes_back_as_it_was(tmp_path):
    path = tmp_path / "new" / "CP-001.json"
    stored = Credentials("CP-001", "a1b2", "token", NOW)
    credentials_save(path, stored)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert credentials_load(path) == stored
    assert set(json.loads(path.read_text())) == {"cp_id", "credentials", "token", "token_expires_at"}


def test_replacing_the_file_closes_it_again_and_leaves_nothing_behind(tmp_path):
    path = tmp_path / "CP-001.json"
    path.write_text("{}")
    path.chmod(0o644)
    credentials_save(path, Credentials("CP-001", "a1b2"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"cp_id": "x"}', '{"cp_id": "x", "credentials": "y", "token_expires_at": "soon"}'],
)
def test_a_file_that_is_not_ours_is_refused(tmp_path, content):
    path = tmp_path / "CP-001.json"
    path.write_text(content)
    with pytest.raises(CredentialsUnreadable):
        credentials_load(path)


def test_no_file_means_no_credentials_yet(tmp_path):
    assert credentials_load(tmp_path / "CP-001.json") is None


@pytest.mark.parametrize(("left", "good"), [(timedelta(hours=1), True), (timedelta(minutes=4), False)])
def test_a_token_counts_until_shortly_before_its_end(left, good):
    credentials = Credentials("CP-001", "a1b2", "token", NOW + left)
    assert credentials.has_token(NOW, timedelta(minutes=5)) is good
