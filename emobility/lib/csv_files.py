"""Files that people hand in: bounded CSV with a head line, read into rows before anything is done."""

import csv
import io
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from emobility.lib.errors import Invalid

MOST_BYTES: Final = 1024 * 1024
MOST_ROWS: Final = 2000


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file: its number as an editor shows it, and its values by column, stripped."""

    line: int
    values: dict[str, str]


def csv_rows(raw: bytes, *, columns: Collection[str], required: Collection[str]) -> list[Row]:
    """The rows of a CSV file (UTF-8; comma or semicolon) with a head line; empty lines are left out.

    Raises Invalid for a file that is too large, no UTF-8, or has unknown or lacks `required` columns.
    """
    if len(raw) > MOST_BYTES:
        raise _fault(_("The file is larger than 1 MiB."))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _fault(_("The file is not UTF-8.")) from error
    if "\0" in text:
        raise _fault(_("The file is not text."))
    head = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if ";" in head else ",")
    try:
        return _rows(reader, columns, required)
    except csv.Error as error:
        raise _fault(_("The file is no CSV: {error}.").format(error=error)) from error


def _rows(reader: Any, columns: Collection[str], required: Collection[str]) -> list[Row]:
    names = [name.strip().lower() for name in next(reader, [])]
    wrong = [name or "?" for name in names if name not in columns] + [
        name for name in required if name not in names
    ]
    if wrong or len(set(names)) != len(names):
        known = ", ".join(columns)
        raise _fault(
            _("The first line must name the columns, of: {known}. Wrong: {wrong}.").format(
                known=known, wrong=", ".join(wrong) or "-"
            )
        )
    rows: list[Row] = []
    for cells in reader:
        if any(cell.strip() for cell in cells):
            rows.append(_row(reader.line_num, names, cells))
        if len(rows) > MOST_ROWS:
            raise _fault(_("The file has more than {most} rows.").format(most=MOST_ROWS))
    return rows


def _row(line: int, names: list[str], cells: list[str]) -> Row:
    if len(cells) > len(names):
        raise _fault(_("Line {line} has more cells than the first.").format(line=line))
    return Row(line, dict(zip(names, [cell.strip() for cell in cells], strict=False)))


def _fault(text: str) -> Invalid:
    return Invalid(text, {"file": text})
