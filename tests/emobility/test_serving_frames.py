"""The short way of usual WebSocket frames: exactly whole masked texts take it, everything else does not."""

import os

import pytest

from emobility.lib.text_frames import frame_of, text_of


def masked(payload: bytes, first: int = 0x81, length: bytes | None = None) -> bytes:
    """A client's frame (RFC 6455 §5.2)."""
    size = len(payload)
    mask = os.urandom(4)
    if length is None:
        length = bytes([0x80 | size]) if size < 126 else bytes([0x80 | 126]) + size.to_bytes(2)
    body = bytes(value ^ mask[place % 4] for place, value in enumerate(payload))
    return bytes([first]) + length + mask + body


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 124, 125, 126, 127, 1000, 65535])
def test_a_whole_text_is_read(size: int) -> None:
    text = ("[2,é€😀" * size)[:size]
    payload = text.encode()[:65535].decode(errors="ignore").encode()
    assert text_of(masked(payload)) == payload.decode()


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(masked(b""), id="empty"),
        pytest.param(masked(b"[2]", first=0x01), id="fragment"),
        pytest.param(masked(b"[2]", first=0x80), id="continuation"),
        pytest.param(masked(b"[2]", first=0x82), id="binary"),
        pytest.param(masked(b"[2]", first=0xC1), id="compressed"),
        pytest.param(masked(b"hi", first=0x89), id="ping"),
        pytest.param(masked(b"\x03\xe8", first=0x88), id="close"),
        pytest.param(b"\x81\x03[2]", id="not masked"),
        pytest.param(masked(b"[2,3]")[:-1], id="not all of it"),
        pytest.param(masked(b"[2]") + masked(b"[2]"), id="two frames"),
        pytest.param(masked(b"[2]", length=b"\xfe\x00\x03"), id="longer length than needed"),
        pytest.param(masked(b"[2]", length=b"\xff" + (3).to_bytes(8)), id="eight bytes of length"),
        pytest.param(masked(b"\xff\xfe\xfd"), id="not UTF-8"),
    ],
)
def test_everything_else_is_left_to_the_library(data: bytes) -> None:
    assert text_of(data) is None


@pytest.mark.parametrize(
    ("size", "head"),
    [
        (0, b"\x81\x00"),
        (125, b"\x81\x7d"),
        (126, b"\x81\x7e\x00\x7e"),
        (65535, b"\x81\x7e\xff\xff"),
        (65536, b"\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"),
    ],
)
def test_a_servers_frame_has_the_shortest_length(size: int, head: bytes) -> None:
    assert frame_of(b"x" * size) == head + b"x" * size
