"""Whole texts as WebSocket frames (RFC 6455 §5.2): read and made at once, without a parser's state."""

from typing import Final

try:
    from websockets.speedups import apply_mask
except ImportError:  # pragma: no cover -- where it was built without its compiled part
    from websockets.utils import apply_mask

WHOLE_TEXT: Final = 0x81
"""First byte of a text frame that is a whole message, uncompressed."""
_MASKED: Final = 0x80
_TWO_BYTES: Final = 126
"""A length that says: the two bytes that follow are the length."""


def text_of(data: bytes) -> str | None:
    """The text, where `data` is exactly one whole masked text frame of at most 64 KiB; else None."""
    if len(data) < 7 or data[0] != WHOLE_TEXT:
        return None
    size, begin = data[1] - _MASKED, 6
    if size == _TWO_BYTES:
        size, begin = int.from_bytes(data[2:4]), 8
        if size < _TWO_BYTES:
            return None
    if size <= 0 or len(data) != begin + size or (begin == 6 and size > _TWO_BYTES):
        return None
    try:
        return apply_mask(data[begin:], data[begin - 4 : begin]).decode()
    except UnicodeDecodeError:
        return None


def frame_of(payload: bytes) -> bytes:
    """One whole text frame of a server: not masked."""
    size = len(payload)
    if size < _TWO_BYTES:
        return bytes((WHOLE_TEXT, size)) + payload
    if size < 2**16:
        return bytes((WHOLE_TEXT, _TWO_BYTES)) + size.to_bytes(2) + payload
    return bytes((WHOLE_TEXT, _TWO_BYTES + 1)) + size.to_bytes(8) + payload
