"""The catalogue as Markdown: the generated part of docs/events.md."""

from collections.abc import Iterator
from types import ModuleType
from typing import Final

from registry.catalog.table import KINDS, SECTIONS, Kind

BEGIN: Final = "<!-- from here on written by manage.py event_catalog -->"


def catalog_text() -> str:
    """All kinds by section, with their data."""
    return "\n".join([BEGIN, "", *_lines()]).rstrip() + "\n"


def _lines() -> Iterator[str]:
    for section in SECTIONS:
        yield f"### {_title(section)}"
        yield ""
        yield "| Kind | What happened | `subject` | `data` |"
        yield "|---|---|---|---|"
        for kind in KINDS.values():
            if kind.section == section.__name__:
                yield _row(kind)
        yield ""


def _title(section: ModuleType) -> str:
    first = str(section.__doc__).splitlines()[0].rstrip(".")
    return first.removeprefix("Kinds about ").capitalize()


def _row(kind: Kind) -> str:
    name = f"`{kind.name}`" + (" (alarm)" if kind.alarm else "")
    old = f" Old name: `{kind.old_name}`." if kind.old_name else ""
    data = "<br>".join(f"`{field}` {text}" for field, text in kind.data.items()) or "none"
    return f"| {name} | {kind.text}{old} | {kind.subject} | {data} |"
