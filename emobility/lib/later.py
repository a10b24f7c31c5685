"""Answers that wait: the view is done, its thread and its database connection are free, the loop waits.

A synchronous view gives a whole answer and hangs a `Later` on it. Where the server is asynchronous
(emobility.http) the answer is held until `until` returns, then `finish` may change it; anywhere else, as in
Django's test client, it leaves at once: what the view said must be right by itself.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from django.http.response import HttpResponseBase


@dataclass(frozen=True, slots=True)
class Later:
    """`until` is awaited on the event loop; `finish` runs in a thread afterwards and changes the answer."""

    until: Callable[[], Awaitable[Any]]
    finish: Callable[[], None]


def hold(response: HttpResponseBase, later: Later) -> None:
    """Let the answer wait."""
    response.later = later  # type: ignore[attr-defined]


def held(response: HttpResponseBase) -> Later | None:
    """What the answer waits for, None where it leaves at once."""
    found: Later | None = getattr(response, "later", None)
    return found
