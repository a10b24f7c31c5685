"""Frames of OCPP-J: text in, typed frames out, and back (1.6-J §4.2, 2.0.1 part 4 §4.2, 2.1 part 4 §4.2).

Without I/O. The fast way is one parse and one serialisation; what that cannot vouch for (duplicate keys,
escapes that may hide NUL or half a surrogate pair, vast numbers) goes the slow way, which tells faults apart.
"""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any, Final

import orjson

CALL: Final = 2
RESULT: Final = 3
ERROR: Final = 4
RESULT_ERROR: Final = 5
SEND: Final = 6

MESSAGE_ID_LIMIT: Final = 36
READABLE_ID_LIMIT: Final = 255
NUMBER_DIGITS_LIMIT: Final = 400
ACTION_LIMIT: Final = 50
_ID_OF_CALL: Final = re.compile(r'\s*\[\s*2\s*,\s*"([^"\\]{1,36})"\s*,')
_BAD_TEXT: Final = re.compile("[\x00\ud800-\udfff]")


class Fault(Enum):
    """Why a frame could not be taken as it is."""

    NOT_JSON = "not JSON"
    NOT_ARRAY = "not a JSON array with content"
    MESSAGE_TYPE = "unknown message type"
    ENVELOPE = "wrong number or kind of elements"
    PAYLOAD = "payload is not an object"
    NUMBER = "a number is out of range"
    DUPLICATE_KEY = "a key occurs twice"
    NESTING = "nested too deep"
    TEXT = "text with NUL or half a surrogate pair"


@dataclass(slots=True)
class Call:
    """[2, id, action, payload]: a request that wants an answer."""

    message_id: str
    action: str
    payload: dict[str, Any]


@dataclass(slots=True)
class CallResult:
    """[3, id, payload]: the answer to a request."""

    message_id: str
    payload: Any


@dataclass(slots=True)
class CallError:
    """[4, id, code, description, details]: the refusal of a request."""

    message_id: str
    code: str
    description: str
    details: Any


@dataclass(slots=True)
class CallResultError:
    """[5, id, code, description, details]: the refusal of an answer (2.1 only)."""

    message_id: str
    code: str
    description: str
    details: Any


@dataclass(slots=True)
class Send:
    """[6, id, action, payload]: a message that is never answered (2.1 only)."""

    message_id: str
    action: str
    payload: dict[str, Any]


@dataclass(slots=True)
class Malformed:
    """A frame that is none of the others; `message_id` and `message_type` where they could be read."""

    fault: Fault
    message_id: str = ""
    message_type: int | None = None
    action: str = ""


Frame = Call | CallResult | CallError | CallResultError | Send | Malformed


def parse(raw: str | bytes) -> Frame:
    """The frame in `raw`; never raises."""
    if not isinstance(raw, str):
        try:
            raw = raw.decode()
        except UnicodeDecodeError:
            return Malformed(Fault.NOT_JSON)
    try:
        document = orjson.loads(raw)
        # A dropped duplicate key takes its quotes with it; escapes could hide that, so they go the slow way.
        # One sign is looked for ten times faster than two.
        quotes = orjson.dumps(document).count(b'"') if "\\" not in raw or "\\u" not in raw else -1
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return _inspect(raw)
    return _frame(document) if raw.count('"') == quotes else _inspect(raw)


def _frame(document: Any) -> Frame:
    if type(document) is not list or not document:
        return Malformed(Fault.NOT_ARRAY)
    kind = document[0]
    if type(kind) is not int or kind not in _READERS:
        readable = document[1] if len(document) > 1 else ""
        return Malformed(Fault.MESSAGE_TYPE, _readable(readable))
    return _READERS[kind](document)


def _readable(message_id: Any) -> str:
    fits = isinstance(message_id, str) and 1 <= len(message_id) <= READABLE_ID_LIMIT
    return message_id if fits and not _bad_text(message_id) else ""


def _envelope_ok(document: list[Any], size: int) -> bool:
    return (
        len(document) == size
        and type(document[1]) is str
        and 1 <= len(document[1]) <= MESSAGE_ID_LIMIT
        and type(document[2]) is str
        and len(document[2]) <= ACTION_LIMIT
    )


def _request(document: list[Any], kind: type[Call] | type[Send]) -> Frame:
    if not _envelope_ok(document, 4):
        readable = document[1] if len(document) > 1 else ""
        return Malformed(Fault.ENVELOPE, _readable(readable), document[0])
    _, message_id, action, payload = document
    if payload is None:
        payload = {}
    if type(payload) is not dict:
        return Malformed(Fault.PAYLOAD, message_id, document[0], action)
    return kind(message_id, action, payload)


def _call(document: list[Any]) -> Frame:
    return _request(document, Call)


def _send(document: list[Any]) -> Frame:
    return _request(document, Send)


def _result(document: list[Any]) -> Frame:
    if len(document) < 3 or type(document[1]) is not str:
        readable = document[1] if len(document) > 1 else ""
        return Malformed(Fault.ENVELOPE, _readable(readable), RESULT)
    return CallResult(document[1], {} if document[2] is None else document[2])


def _refusal(document: list[Any], kind: type[CallError] | type[CallResultError]) -> Frame:
    if len(document) < 3 or type(document[1]) is not str or type(document[2]) is not str:
        readable = document[1] if len(document) > 1 else ""
        return Malformed(Fault.ENVELOPE, _readable(readable), document[0])
    description = document[3] if len(document) > 3 and type(document[3]) is str else ""
    return kind(document[1], document[2], description, document[4] if len(document) > 4 else {})


def _error(document: list[Any]) -> Frame:
    return _refusal(document, CallError)


def _result_error(document: list[Any]) -> Frame:
    return _refusal(document, CallResultError)


_READERS: Final = {CALL: _call, RESULT: _result, ERROR: _error, RESULT_ERROR: _result_error, SEND: _send}


class _Inspector:
    """Reads with the patient parser and notes what is wrong with an otherwise readable frame."""

    def __init__(self) -> None:
        self.fault: Fault | None = None

    def pairs(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(pairs)
        if len(result) != len(pairs):
            self.fault = Fault.DUPLICATE_KEY
        return result

    def constant(self, _: str) -> float:
        self.fault = Fault.NUMBER
        return 0.0

    def real(self, text: str) -> float:
        value = float(text)
        if math.isinf(value):
            self.fault = Fault.NUMBER
        return value

    def whole(self, text: str) -> float:
        # Beyond 64 bit the quick parser makes a double of it; so does this one.
        if len(text) > NUMBER_DIGITS_LIMIT:
            return self.constant(text)
        value = int(text)
        return value if -(2**63) <= value < 2**64 else self.real(text)

    def read(self, raw: str) -> Any:
        return json.loads(
            raw,
            object_pairs_hook=self.pairs,
            parse_constant=self.constant,
            parse_float=self.real,
            parse_int=self.whole,
        )


def _inspect(raw: str) -> Frame:
    inspector = _Inspector()
    try:
        document = inspector.read(raw)
        if inspector.fault is None and any(map(_bad_text, _texts(document))):
            inspector.fault = Fault.TEXT
        orjson.dumps(None if inspector.fault else document)
    except (RecursionError, orjson.JSONEncodeError):
        found = _ID_OF_CALL.match(raw[:200])
        return Malformed(Fault.NESTING, found[1] if found else "", CALL if found else None)
    except ValueError:
        return Malformed(Fault.NOT_JSON)
    frame = _frame(document)
    if inspector.fault is None or isinstance(frame, Malformed):
        return frame
    kind = next(number for number, reader in _KINDS.items() if isinstance(frame, reader))
    return Malformed(inspector.fault, _readable(frame.message_id), kind, _clean(getattr(frame, "action", "")))


_KINDS: Final = {CALL: Call, RESULT: CallResult, ERROR: CallError, RESULT_ERROR: CallResultError, SEND: Send}


def _bad_text(text: str) -> bool:
    return _BAD_TEXT.search(text) is not None


def _clean(action: str) -> str:
    return "" if _bad_text(action) else action


def _texts(document: Any) -> Iterator[str]:
    waiting = [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            yield from value
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)


def _plain(value: Any) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def to_json(value: Any) -> bytes:
    """Compact JSON: times in UTC, Decimals as numbers. Raises TypeError for values without a JSON form."""
    return orjson.dumps(value, _plain, orjson.OPT_UTC_Z)


def encode_call(message_id: str, action: str, payload: dict[str, Any]) -> str:
    """A request as text. Raises TypeError for values without a JSON form."""
    return to_json([CALL, message_id, action, payload]).decode()


def encode_result(message_id: str, payload: dict[str, Any]) -> str:
    """An answer as text. Raises TypeError for values without a JSON form."""
    return to_json([RESULT, message_id, payload]).decode()


def encode_error(
    message_id: str, code: str, description: str, details: dict[str, str], kind: int = ERROR
) -> str:
    """A refusal (or with `kind` 5 the refusal of an answer) as text."""
    return orjson.dumps([kind, message_id or "-1", code, description, details]).decode()
