"""Waiting for a condition instead of sleeping."""

import os
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

FACTOR = float(os.environ.get("TEST_TIME_FACTOR", "1"))
"""Stretches every time limit of the tests on a slow machine."""


def eventually(condition: Callable[[], T], timeout: float = 10.0, every: float = 0.02) -> T:
    """Call `condition` until it answers something true; AssertionError after `timeout` seconds.

    An AssertionError inside `condition` counts as "not yet"; the last one is told when time is up.
    """
    end = time.monotonic() + timeout * FACTOR
    last: AssertionError | None = None
    while True:
        try:
            value = condition()
        except AssertionError as error:
            last, value = error, None
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"Not within {timeout:g} s: {last or condition}") from last
        time.sleep(every)
