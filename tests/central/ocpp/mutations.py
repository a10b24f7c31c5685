"""Frames that a careless or hostile charge point might send: mutations of valid ones, and rubbish."""

import json
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

STRANGE_VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    2**31,
    2**63 - 1,
    -(2**63),
    2**64,
    1e308,
    -0.0,
    0.1,
    "",
    "x" * 300,
    "2026-02-30T00:00:00Z",
    "9999-12-31T23:59:59-23:59",
    "0000-01-01T00:00:00Z",
    "2026-12-31T23:59:60Z",
    "\u202e\U0001f50c",
    "'; DROP TABLE central_session; --",
    "%s%n",
    [],
    {},
    [[]],
    {"vendorId": "v"},
)
STRANGE_TEXTS = (
    "NaN",
    "-Infinity",
    "1e400",
    "7" * 5000,
    '"\\u0000"',
    '"\\ud800"',
    "[" * 500 + "]" * 500,
    "[" * 10**5,
)


def mutations(valid: Sequence[str], random: Random, count: int) -> Iterator[str]:
    """`count` frames, each made from one of `valid` in some bad way; the same for the same seed."""
    ways = (_value, _value, _value, _drop, _extra, _text, _cut, _rubbish, _envelope)
    for _ in range(count):
        yield random.choice(ways)(random.choice(valid), random)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in items:
        yield from _paths(part, (*path, key))


def _parent(document: Any, path: tuple[Any, ...]) -> Any:
    for key in path[:-1]:
        document = document[key]
    return document


def _some_path(document: list[Any], random: Random) -> tuple[Any, ...]:
    inside = [path for path in _paths(document) if path[0] == 3 and len(path) > 1]
    return random.choice(inside)


def _value(text: str, random: Random) -> str:
    document = json.loads(text)
    path = _some_path(document, random)
    _parent(document, path)[path[-1]] = random.choice(STRANGE_VALUES)
    return json.dumps(document, ensure_ascii=random.random() < 0.5)


def _drop(text: str, random: Random) -> str:
    document = json.loads(text)
    path = _some_path(document, random)
    del _parent(document, path)[path[-1]]
    return json.dumps(document)


def _extra(text: str, random: Random) -> str:
    document = json.loads(text)
    document[3][random.choice(["extra", "customData", "timestamp", "transactionId"])] = random.choice(
        STRANGE_VALUES
    )
    return json.dumps(document)


def _text(text: str, random: Random) -> str:
    document = json.loads(text)
    path = _some_path(document, random)
    _parent(document, path)[path[-1]] = "@@"
    return json.dumps(document).replace('"@@"', random.choice(STRANGE_TEXTS))


def _cut(text: str, random: Random) -> str:
    place = random.randrange(len(text))
    return text[:place] + text[place + random.randrange(3) :]


def _rubbish(text: str, random: Random) -> str:
    return "".join(chr(random.randrange(1, 0xD800)) for _ in range(random.randrange(1, 200)))


def _envelope(text: str, random: Random) -> str:
    document: list[Any] = json.loads(text)
    document[random.randrange(4)] = random.choice(STRANGE_VALUES)
    return json.dumps(document)
