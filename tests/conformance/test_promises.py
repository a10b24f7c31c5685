"""docs/reliability.md: each promise has its row, and each test that it names is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
PROMISED = [
    *(f"T{number}" for number in (1, 2, 3, 4, 6, *range(7, 14), 15, 17, 18)),
    *(f"F{number}" for number in (*range(1, 14), *range(16, 21))),
]
DEFINED = re.compile(r"^\s*(?:async def|def|class) ((?:test_|Test)\w+)", re.MULTILINE)


@pytest.fixture(scope="module")
def defined():
    texts = (path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    return {name for text in texts for name in DEFINED.findall(text)}


def rows():
    """Of each promise: the names of its tests."""
    found = re.findall(r"^\| ([TF]\d+) \|[^|]*\|[^|]*\| ([^|]+) \|$", PAGE, re.MULTILINE)
    return {name: re.findall(r"`(\w+)`", tests) for name, tests in found}


def test_each_promise_has_its_row():
    assert sorted(rows()) == sorted(PROMISED)


@pytest.mark.parametrize("promise", PROMISED)
def test_each_promise_is_kept_by_tests_that_exist(promise, defined):
    tests = rows()[promise]
    assert tests
    assert set(tests) <= defined
    assert any(promise.lower() in test.lower() for test in tests), "none of them bears its name"
