"""Each setting that the code reads is in docs/running.md; none of the installation's reaches the tests."""

import os
import re
from pathlib import Path

import pytest

from tests.support.environment import READS, is_foreign

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("emobility", "registry", "central", "billing", "ocpi")
SWITCHES_OF_COMMANDS = {"DEMO"}


def settings_read() -> set[str]:
    """Names that the code asks the environment for."""
    texts = [path.read_text() for folder in SOURCES for path in (ROOT / folder).rglob("*.py")]
    return {name for text in texts for name in READS.findall(text)}


def test_every_setting_is_documented():
    documented = set(re.findall(r"`([A-Z_0-9]+)`", (ROOT / "docs" / "running.md").read_text()))
    assert settings_read() - documented == set()


def test_no_setting_of_the_installation_reaches_the_tests():
    assert {name for name in settings_read() - SWITCHES_OF_COMMANDS if not is_foreign(name)} == set()


@pytest.mark.parametrize("name", ["SECRET_KEY", "SECRET_KEY_FILE", "REGISTRY_DB_PATH", "CP_MONITOR_CP_ID"])
def test_a_name_of_the_installation_is_recognised(name):
    assert is_foreign(name)
    assert name not in os.environ
