"""The express lane between a WebSocket server and its consumer, for servers that offer it in the scope.

ASGI costs a queue, two tasks and several calls for each frame. Where the scope's extensions hold a Lane under
NAME, whole text frames may travel by plain calls on the event loop; all else goes the way of ASGI.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

NAME: Final = "emobility.express"


class Lane(Protocol):
    """One open socket."""

    on_text: Callable[[str], None] | None
    """Set before the socket is accepted: hears each text that did not come as an event of ASGI."""

    def send_text(self, text: str) -> None:
        """Send a text; raises an exception of the server's own where the socket is gone."""

    def unread(self) -> int:
        """How many bytes wait for a peer that does not read fast enough."""

    def hold(self) -> None:
        """Read no further from the socket until `release`; what was read already may still be heard."""

    def release(self) -> None:
        """Read on."""


def lane_of(scope: Mapping[str, Any]) -> Lane | None:
    """The lane that the server offers, if it does."""
    lane: Lane | None = (scope.get("extensions") or {}).get(NAME)
    return lane
