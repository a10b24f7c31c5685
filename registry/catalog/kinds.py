"""What a kind of event is, and the table of all of them: filled by the other files of this package."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

KINDS: Final[dict[str, "Kind"]] = {}
"""All kinds by their dotted name."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: dotted `name`, what happened in words, what `subject` names, the fields of `data`.

    `data` maps each field to "type: meaning". `alarm`: somebody should look. `old_name` is what the earlier
    message queue called it, `section` the file that names it.
    """

    name: str
    text: str
    subject: str
    data: Mapping[str, str] = field(default_factory=dict)
    alarm: bool = False
    old_name: str = ""
    section: str = ""


def kinds(section: str, *rows: Kind) -> None:
    """Add rows to the catalogue. Raises LookupError where a name is there already."""
    for row in rows:
        if row.name in KINDS:
            raise LookupError(f"The kind {row.name} is in the catalogue twice.")
        KINDS[row.name] = replace(row, section=section)


def kinds_alike(section: str, names: Mapping[str, str], *, subject: str, data: Mapping[str, str]) -> None:
    """Add kinds that differ by name and text only."""
    kinds(section, *(Kind(name, text, subject, data) for name, text in names.items()))
