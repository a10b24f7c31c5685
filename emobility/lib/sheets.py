"""Exports as XLSX: written row by row into a file at constant memory, over as many sheets as it takes.

Texts are made harmless as in CSV (`emobility.lib.cells`) and written as text, never as formulas or links.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from xlsxwriter import Workbook

from emobility.lib.cells import harmless, moment_text
from emobility.lib.exports import Table

ROWS: Final = 1_048_576
"""Rows of a sheet, the header's among them (the format's limit)."""
TEXT: Final = 32_767
"""Characters of a cell (the format's limit)."""
EXACT: Final = 2**53
"""Spreadsheets compute with floating point: a larger whole number would change."""
_OPTIONS: Final = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_date_format": "yyyy-mm-dd hh:mm:ss",
}
_FIRST: Final = datetime(1900, 3, 1, tzinfo=UTC)
_LAST: Final = datetime(9999, 12, 31, tzinfo=UTC)


def sheets_write(table: Table, path: Path, *, progress: Callable[[int], None]) -> int:
    """Write the table into `path`, times in UTC; how many rows. `progress(rows)` may raise to end it."""
    workbook = Workbook(str(path), {**_OPTIONS, "tmpdir": str(path.parent)})
    try:
        return _write(workbook, table, progress)
    finally:
        workbook.close()


def _write(workbook: Any, table: Table, progress: Callable[[int], None]) -> int:
    bold = workbook.add_format({"bold": True})
    sheet: Any = None
    count, line = 0, ROWS
    for row in table.rows():
        if line >= ROWS:
            sheet, line = _sheet(workbook, table.columns, bold), 1
        for place, value in enumerate(row):
            _cell(sheet, line, place, value)
        line += 1
        count += 1
        progress(count)
    if sheet is None:
        _sheet(workbook, table.columns, bold)
    return count


def _sheet(workbook: Any, columns: Sequence[str], bold: Any) -> Any:
    sheet = workbook.add_worksheet()
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(columns) - 1, 18)
    for place, name in enumerate(columns):
        sheet.write_string(0, place, name, bold)
    return sheet


def _cell(sheet: Any, line: int, place: int, value: Any) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        sheet.write_boolean(line, place, value)
    elif isinstance(value, int | float | Decimal) and -EXACT < value < EXACT:
        sheet.write_number(line, place, value)
    elif isinstance(value, datetime) and _FIRST <= value <= _LAST:
        sheet.write_datetime(line, place, value.astimezone(UTC).replace(tzinfo=None))
    else:
        sheet.write_string(line, place, _text(value))


def _text(value: Any) -> str:
    return moment_text(value) if isinstance(value, datetime) else str(harmless(value))[:TEXT]
