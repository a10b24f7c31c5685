"""The catalogue names what is written, and the documentation is the catalogue."""

import ast
import re
from pathlib import Path

import pytest

from emobility.lib.errors import Invalid
from registry.catalog.markdown import BEGIN, catalog_text
from registry.catalog.table import KINDS
from registry.services.webhook_matching import kind_fits, kinds_check

ROOT = Path(__file__).parents[3]
ROOMS = ("registry", "central", "billing", "ocpi")
WRITERS = {"event_append", "fact_tell"}


def written():
    """(file, kind) of all kinds that stand as a whole in calls that write events."""
    for room in ROOMS:
        for path in sorted((ROOT / room / "services").rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in WRITERS:
                    for keyword in node.keywords:
                        if keyword.arg == "kind" and isinstance(keyword.value, ast.Constant):
                            yield path.name, keyword.value.value


def test_the_page_is_the_catalogue():
    page = (ROOT / "docs" / "events.md").read_text()
    assert page[page.index(BEGIN) :] == catalog_text(), "run manage.py event_catalog"


def test_each_kind_that_is_written_is_in_the_catalogue():
    found = list(written())
    assert len(found) > 15
    assert [(name, kind) for name, kind in found if kind not in KINDS] == []


def test_each_field_names_its_type():
    types = re.compile(r"(text|integer|boolean|time|list of (text|integer))( or null)?: .+")
    assert [
        (kind.name, text)
        for kind in KINDS.values()
        for text in kind.data.values()
        if not types.fullmatch(text)
    ] == []


@pytest.mark.parametrize(
    ("patterns", "kind", "fits"),
    [
        (["*"], "session.ended", True),
        (["session.*"], "session.ended", True),
        (["session.*"], "sessionXended", False),
        (["*.status"], "connector.status", True),
        (["session.ended"], "session.ended", True),
        (["session.ended"], "session.ended_twice", False),
        (["session.*.ended"], "session.ended", False),
        (["s*s*n.*d*d"], "session.ended", True),
        (["*" * 40 + "zz"], "charge_point.disconnected_by_operator", False),
        (["*"], "webhook.test", False),
    ],
)
def test_patterns(patterns, kind, fits):
    assert kind_fits(kind, patterns) is fits


@pytest.mark.parametrize("patterns", [[], ["nothing.here"], ["Session.*"], ["(a+)+"], [7], "session.*", None])
def test_a_pattern_that_means_nothing_is_refused(patterns):
    with pytest.raises(Invalid):
        kinds_check(patterns)
