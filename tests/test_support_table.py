"""The support table in the documentation says what the code says."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from central.management.commands.support_table import orders_sending
from central.ocpp import router
from central.ocpp.catalog import FROM_CHARGE_POINT
from central.ocpp.intents import to_charge_point

SUPPORT = Path(__file__).resolve().parent.parent / "docs" / "support.md"


def support_table() -> str:
    """What the command prints."""
    out = StringIO()
    call_command("support_table", stdout=out)
    return out.getvalue()


def test_the_documented_table_is_the_one_of_the_code():
    assert SUPPORT.read_text() == support_table(), (
        "run: .venv/bin/python manage.py support_table > docs/support.md"
    )


@pytest.mark.parametrize(("version", "actions"), [("1.6", 40), ("2.0.1", 65), ("2.1", 92)])
def test_every_action_of_a_version_is_served_or_sent(version, actions):
    """1.6 with its security extension, 2.0.1 and 2.1, both directions; DataTransfer goes both ways."""
    router.discover()
    served = {name for name in FROM_CHARGE_POINT[version] if (version, name) in router.ACTIONS}
    sent = {name for name in to_charge_point(version) if orders_sending(version, name)}
    assert sorted(FROM_CHARGE_POINT[version] - served) + sorted(to_charge_point(version) - sent) == []
    assert len(served) + len(sent) == actions


def test_what_a_version_does_not_know_is_left_empty():
    rows = [line for line in support_table().splitlines() if line.startswith("| StartTransaction |")]
    assert rows == ["| StartTransaction | yes |  |  |"]
