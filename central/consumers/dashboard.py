"""`/dashboard`: live state of what the caller may see and broadcasts, or for our pages which things changed.

A client names the last cursor it saw (`/dashboard?cursor=...`) and misses nothing; see docs/live.md.
"""

from typing import Any
from urllib.parse import parse_qs

import structlog
from asgiref.typing import ASGIReceiveCallable, ASGISendCallable

from central.consumers import live_reading
from central.consumers.live_hub import hub
from central.consumers.live_scope import Scope
from central.consumers.live_socket import LiveSocket
from central.consumers.live_topics import Topics
from registry.rights import Right

log = structlog.get_logger(__name__)

STATE, TOPICS = "emobility.dashboard", "emobility.topics"
"""Subprotocols: without one it is the state."""
UNAVAILABLE = 4503


class DashboardSocket(LiveSocket):
    """One open dashboard."""

    rights = (Right.SEE,)
    protocols = (STATE, TOPICS)
    kind = "dashboard"

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._follows: Scope | Topics | None = None

    async def opened(self) -> None:
        """Join the audience."""
        await hub().join(self)
        if self.protocol == TOPICS:
            topics = hub().topics_of(self.user)
            self._follows = topics
            topics.join(self)
            return
        asked = parse_qs(self.scope.get("query_string", b"").decode("latin-1"))
        await self._catch_up(asked.get("cursor", [""])[0])
        self.hears_broadcasts = True

    def closed(self) -> None:
        """Leave it."""
        hub().leave(self)
        if self._follows is not None:
            self._follows.leave(self)

    async def _take(self, text: str | bytes) -> None:
        """Our pages have nothing to say."""
        if self.protocol != TOPICS:
            await super()._take(text)

    async def heard(self, content: dict[str, Any]) -> None:
        """`{"type": "resume", "cursor"}` asks for what was missed."""
        if content["type"] == "resume":
            await self._catch_up(str(content.get("cursor", "")))
        else:
            self.fault("invalid", "Dashboards know only resume.", content.get("ref"))

    async def _catch_up(self, cursor: str) -> None:
        scope = hub().scope_of(self.user)
        self._follows = scope
        try:
            await scope.join(self, cursor)
        except live_reading.OUTAGES as error:
            log.warning("live.reading_failed", error=repr(error)[:200])
            self.end(UNAVAILABLE, "the database does not answer")


async def dashboard_application(scope: Any, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """The ASGI application behind `/dashboard`."""
    await DashboardSocket(scope, receive, send).run()
