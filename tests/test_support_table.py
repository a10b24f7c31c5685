"""The support table in the documentation says what the code says."""

from io import StringIO
from pathlib import Path

from django.core.management import call_command

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


def test_the_table_tells_served_from_open_and_unknown():
    rows = {
        line.split(" | ")[0].strip("| "): line
        for line in support_table().splitlines()
        if line.startswith("|")
    }
    assert "BatterySwap" in rows
    assert rows["StartTransaction"].count("yes") <= 1, "StartTransaction belongs to OCPP 1.6 alone"
