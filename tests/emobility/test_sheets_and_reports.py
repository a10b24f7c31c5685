"""Exports as XLSX and PDF: text stays text, rows beyond a sheet go on in the next, all letters show."""

import re
import zipfile
from datetime import UTC, datetime
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from reportlab.pdfbase import pdfmetrics

from emobility.lib.exports import Table
from emobility.lib.reports import BOLD, FONT, Report, report_write
from emobility.lib.sheets import sheets_write
from tests.emobility.test_exports import PAYLOADS, begins_a_formula

PLACES = "Łódź Αθήνα Житомир"
MARKUP = [
    '<img src="file:///etc/passwd"/>',
    "<a href='http://evil.example'>x</a>",
    "</para><b>",
    "&#0;",
    "<!-- ",
]


def sheets_of(path):
    """The XML of each sheet, in order."""
    with zipfile.ZipFile(path) as book:
        names = sorted(name for name in book.namelist() if name.startswith("xl/worksheets/sheet"))
        return [ElementTree.fromstring(book.read(name)) for name in names]


def tagged(sheet, tag):
    return [each for each in sheet.iter() if each.tag.rsplit("}", 1)[-1] == tag]


def write(table, path):
    return sheets_write(table, path, progress=lambda rows: None)


def test_t19_no_payload_becomes_a_formula_or_a_link_of_an_xlsx(tmp_path):
    path = tmp_path / "x.xlsx"
    rows = [(payload, f"http://evil.example/{payload}") for payload in PAYLOADS]
    assert write(Table("x", ("one", "two"), lambda: rows), path) == len(PAYLOADS)
    [sheet] = sheets_of(path)
    assert tagged(sheet, "f") == tagged(sheet, "hyperlinks") == []
    texts = ["".join(cell.itertext()) for cell in tagged(sheet, "c")]
    assert len(texts) == 2 * len(PAYLOADS) + 2
    assert [text for text in texts if begins_a_formula(text)] == []


def test_values_keep_their_kind(tmp_path):
    path = tmp_path / "x.xlsx"
    moment = datetime(2026, 3, 1, 12, tzinfo=UTC)
    row = ("Łódź", -5, Decimal("1.2500"), moment, None, True, 2**60, {"a": 1}, "x" * 40_000)
    assert write(Table("x", tuple("abcdefghi"), lambda: [row]), path) == 1
    cells = tagged(sheets_of(path)[0], "c")[9:]
    kinds = {cell.get("r"): (cell.get("t"), "".join(cell.itertext())) for cell in cells}
    assert kinds["A2"] == ("inlineStr", "Łódź")
    assert kinds["B2"] == (None, "-5")
    assert kinds["C2"] == (None, "1.2500")
    assert float(kinds["D2"][1]) == pytest.approx(46082.5)
    assert "E2" not in kinds
    assert kinds["F2"] == ("b", "1")
    assert kinds["G2"] == ("inlineStr", str(2**60))
    assert kinds["H2"] == ("inlineStr", '{"a":1}')
    assert len(kinds["I2"][1]) == 32_767


def test_rows_beyond_a_sheet_go_on_in_the_next_with_the_header(tmp_path, monkeypatch):
    monkeypatch.setattr("emobility.lib.sheets.ROWS", 4)
    path = tmp_path / "x.xlsx"
    assert write(Table("x", ("n",), lambda: ((n,) for n in range(7))), path) == 7
    found = [["".join(cell.itertext()) for cell in tagged(sheet, "c")] for sheet in sheets_of(path)]
    assert found == [["n", "0", "1", "2"], ["n", "3", "4", "5"], ["n", "6"]]


def test_a_table_without_rows_has_its_header(tmp_path):
    assert write(Table("x", ("n",), lambda: ()), tmp_path / "x.xlsx") == 0
    assert len(tagged(sheets_of(tmp_path / "x.xlsx")[0], "c")) == 1


def test_t19_no_payload_is_taken_for_markup_by_a_pdf(tmp_path):
    payloads = [*PAYLOADS, *MARKUP]
    rows = [(payload, payload) for payload in payloads]
    report = Report(payloads[-1], payloads, [("one", 1), ("two", 1)], rows, ["", ""])
    report_write(report, tmp_path / "x.pdf")
    content = (tmp_path / "x.pdf").read_bytes()
    assert content.startswith(b"%PDF")
    for action in (b"/URI", b"/JavaScript", b"/Launch", b"/EmbeddedFile", b"/XObject /Image", b"root:"):
        assert action not in content


def test_a_pdf_repeats_its_header_and_brings_letters_of_all_of_europe(tmp_path):
    rows = [(f"{PLACES} {n}", "1") for n in range(200)]
    report_write(
        Report("Sessions", ["Filter: none"], [("Place", 3), ("kWh", 1)], rows, ["Total", "200"]),
        tmp_path / "x.pdf",
    )
    content = (tmp_path / "x.pdf").read_bytes()
    pages = len(re.findall(rb"/Type /Page\b", content))
    assert pages > 2
    assert b"DejaVuSans" in content
    for name in (FONT, BOLD):
        assert {ord(letter) for letter in PLACES} <= set(pdfmetrics.getFont(name).face.charToGlyph)
