"""Named points at which a test may end the process as a power cut would; nothing elsewhere."""

import os
import sys
from typing import Final

POINTS: Final = (
    "received",
    "before_handler",
    "within_batch",
    "after_handler",
    "before_commit",
    "after_commit",
    "before_reply",
    "after_reply",
    "before_bell",
    "after_bell",
)
"""On the way of a message from the socket to its answer, and of the news of it to the rest of the house."""

CRASH_AT = os.environ.get("EMOBILITY_CRASH_AT", "") if os.environ.get("EMOBILITY_ENV") == "test" else ""
"""`<point>` or `<point>:<n>`: die the n-th time the point is passed. Read once, when the process starts."""

_name, _, _count = CRASH_AT.partition(":")
_left = int(_count or 1)


def crash_point(name: str) -> None:
    """End the process without any goodbye where EMOBILITY_CRASH_AT names this point (EMOBILITY_ENV=test)."""
    if not _name or name != _name:
        return
    _count_down()


def _count_down() -> None:
    global _left  # noqa: PLW0603 -- one counter per process, in tests only
    _left -= 1
    if _left <= 0:
        sys.stderr.write(f"crash point {_name}\n")
        sys.stderr.flush()
        os._exit(137)
