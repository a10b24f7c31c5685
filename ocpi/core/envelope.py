"""JSON in and out, and the envelope around every answer (OCPI 2.2.1 §4.1.7)."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson

from ocpi.core.errors import BodyUnreadable

ABSENT = object()
"""Stands for an answer without `data`."""
DEEPEST = 64
"""How far objects may be nested in each other."""


def stamp(moment: datetime) -> str:
    """A time as OCPI writes it: UTC with `Z`, at most milliseconds, no empty fraction."""
    text = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    fraction = f"{moment.microsecond // 1000:03d}".rstrip("0")
    return f"{text}.{fraction}Z" if fraction else f"{text}Z"


def number(value: Decimal) -> int | float:
    """A Decimal as a JSON number; whole numbers without a fraction."""
    return int(value) if value == value.to_integral_value() else float(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return number(value)
    if isinstance(value, datetime):
        return stamp(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


def dump(value: Any) -> bytes:
    """JSON as UTF-8; Decimals become numbers, times OCPI's text."""
    return orjson.dumps(value, default=_plain, option=orjson.OPT_PASSTHROUGH_DATETIME)


def load(content: bytes) -> Any:
    """What a JSON text says; raises BodyUnreadable, also for what no database keeps (NUL, infinity)."""
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise BodyUnreadable("The body is not JSON.") from error
    if any(_unfit(part) for part in _parts(value)):
        raise BodyUnreadable("The body holds a character or number that is not allowed.")
    return value


def _parts(value: Any) -> Iterable[Any]:
    waiting = [(value, 1)]
    while waiting:
        part, depth = waiting.pop()
        if depth > DEEPEST:
            raise BodyUnreadable("The body is nested too deeply.")
        yield part
        inner = [*part, *part.values()] if isinstance(part, dict) else part if isinstance(part, list) else []
        waiting.extend((item, depth + 1) for item in inner)


def _unfit(part: Any) -> bool:
    return (isinstance(part, str) and "\x00" in part) or (isinstance(part, float) and not math.isfinite(part))


def wrap(data: Any, status_code: int, message: str, now: datetime) -> bytes:
    """An answer in its envelope; `data` is left out where it is ABSENT."""
    body: dict[str, Any] = {} if data is ABSENT else {"data": data}
    body["status_code"] = status_code
    if message:
        body["status_message"] = message
    body["timestamp"] = stamp(now)
    return dump(body)


@dataclass(frozen=True, slots=True)
class Envelope:
    """A partner's answer, unwrapped."""

    data: Any
    status_code: int
    message: str


def unwrap(content: bytes) -> Envelope:
    """Read a partner's answer; raises BodyUnreadable where it is no envelope."""
    value = load(content)
    code = value.get("status_code") if isinstance(value, dict) else None
    if not isinstance(code, int) or isinstance(code, bool):
        raise BodyUnreadable("The answer is no OCPI envelope.")
    return Envelope(value.get("data"), code, str(value.get("status_message") or ""))
