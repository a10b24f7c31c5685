"""Cells of exports: values as text, and text that no spreadsheet takes for a formula.

The order: a value becomes text, the text is made harmless (an apostrophe in front of what would begin a
formula), then the format quotes it. Numbers and times are never touched: -5 stays a number.
"""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

import orjson

SIGNS: Final = "=+\\-@\uff1d\uff0b\uff0d\uff20"
"""What begins a formula, also in the full width that some spreadsheets take for the same."""
_BEGINS: Final = re.compile(rf"^(?=[\s\"']*[{SIGNS}]|[\t\r\n])")
_AFTER_SEPARATOR: Final = re.compile(rf"([;\t\r\n|])(?=[\s\"']*[{SIGNS}])")
"""A spreadsheet that splits at another sign than we did begins a cell there."""
_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


_SUSPECT: Final = re.compile(f"[{SIGNS}\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""Most texts hold nothing of this and cost one look."""


def plain(value: Any) -> Any:
    """The value as a cell holds it: None, a bool, a number, or text; times in ISO 8601 (UTC, Z)."""
    if value is None or isinstance(value, bool | int | float | Decimal):
        return value
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", _text(value))


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, list | dict | tuple):
        return orjson.dumps(value, default=str).decode()
    return value.isoformat() if isinstance(value, date) else str(value)


def moment_text(at: datetime) -> str:
    """ISO 8601 in UTC, to the millisecond where there are any."""
    utc = at if at.tzinfo is UTC else at.astimezone(UTC)
    return utc.isoformat(timespec="milliseconds" if utc.microsecond else "seconds")[:-6] + "Z"


def harmless(value: Any) -> Any:
    """The cell for a spreadsheet: text that would begin a formula begins with an apostrophe instead."""
    if isinstance(value, str):
        return _harmless(value) if _SUSPECT.search(value) else value
    value = plain(value)
    return _harmless(value) if isinstance(value, str) else value


def _harmless(text: str) -> str:
    return _BEGINS.sub("'", _AFTER_SEPARATOR.sub(r"\1'", plain(text)), count=1)
