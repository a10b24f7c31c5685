"""The shape of the house: small files and functions, a telling first line, foreign keys down only."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("registry", "central", "billing", "ocpi")
PRODUCT = (*ROOMS, "emobility", "benchmarks", "deploy", "scripts")
FILE_LIMIT = 300
BODY_LIMIT = 30


def _files(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path for path in found if "migrations" not in path.parts]


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def body_length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from the first statement after the docstring to the last one."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def _functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_files_stay_below_300_lines():
    lengths = {_name(path): len(path.read_text().splitlines()) for path in _files(*PRODUCT, "tests")}
    assert {name: length for name, length in lengths.items() if length > FILE_LIMIT} == {}


def test_function_bodies_stay_below_30_lines():
    long = {
        f"{_name(path)}:{function.lineno} {function.name}": body_length(function)
        for path in _files(*PRODUCT)
        for function in _functions(path)
        if body_length(function) > BODY_LIMIT
    }
    assert long == {}


def test_each_file_says_first_what_it_is_for():
    silent = [
        _name(path)
        for path in _files(*PRODUCT, "tests")
        if not path.read_text().removeprefix("#!/usr/bin/env python3\n").startswith('"""')
    ]
    assert silent == []


def test_foreign_keys_point_down_only():
    rank = {name: place for place, name in enumerate(ROOMS)}
    upwards = [
        f"{model._meta.label}.{field.name} -> {target._meta.label}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.get_fields(include_hidden=True)
        if (target := field.related_model) is not None and not field.auto_created
        if rank.get(target._meta.app_label, -1) > rank.get(model._meta.app_label, len(ROOMS))
    ]
    assert upwards == []


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("def f():\n    '''Doc.'''\n    a = 1\n    return a", 2),
        ("def f():\n    return (\n        1\n    )", 3),
        ("async def f():\n    '''Only a docstring.'''", 0),
    ],
)
def test_a_body_is_counted_without_its_docstring(source, lines):
    function = ast.parse(source).body[0]
    assert isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
    assert body_length(function) == lines
