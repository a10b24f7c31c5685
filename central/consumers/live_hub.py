"""The live sockets of this process: hears what changed, tells each audience once, ends who lost the right.

Other processes ring the channel layer's groups (`emobility.lib.live`). A lost ring costs seconds: while the
layer was away everything is read again, and scopes look by themselves from time to time. Trouble of the
layer never reaches a socket.
"""

import asyncio
import time
from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from typing import Any, Final
from weakref import WeakKeyDictionary

import structlog
from channels.layers import get_channel_layer

from central.consumers import live_reading
from central.consumers.door import passes_hold
from central.consumers.live_orders import Orders
from central.consumers.live_scope import EVERYTHING, Scope
from central.consumers.live_socket import NO_RIGHT, REVOKED, LiveSocket
from central.consumers.live_tail import Tail
from central.consumers.live_topics import Topics
from central.selectors.live_state import Audience
from emobility.lib import live
from emobility.lib.clock import utc_now
from registry.rights import may

log = structlog.get_logger(__name__)

RECHECK_SECONDS: float = 5.0
RETRY_SECONDS: Final = 1.0
LISTEN_SECONDS: Final = 600.0
KEEP_SECONDS: Final = 600.0
"""How long a scope that nobody watches is remembered, so that who comes back misses nothing."""


class Hub:
    """All live sockets of one event loop."""

    def __init__(self) -> None:
        self.sockets: set[LiveSocket] = set()
        self.orders, self.tail = Orders(), Tail()
        self._scopes: dict[Audience, Scope] = {}
        self._topics: dict[Audience, Topics] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._listening = asyncio.Event()

    async def join(self, socket: LiveSocket) -> None:
        """Keep an eye on a socket; when it is told something for the first time, we hear already."""
        self.sockets.add(socket)
        if not self._tasks:
            loop = asyncio.get_running_loop()
            self._tasks = [loop.create_task(self._listen()), loop.create_task(self._recheck())]
        with suppress(TimeoutError):
            async with asyncio.timeout(RETRY_SECONDS):
                await self._listening.wait()

    def leave(self, socket: LiveSocket) -> None:
        """A socket is gone."""
        self.sockets.discard(socket)

    def scope_of(self, user: Any) -> Scope:
        """The state that a person sees."""
        self._forget_old()
        audience = audience_of(user)
        return self._scopes.setdefault(audience, Scope(audience))

    def topics_of(self, user: Any) -> Topics:
        """The names of what changes for a person."""
        return self._topics.setdefault(audience_of(user), Topics())

    # --- the layer --------------------------------------------------------------------------------

    async def _listen(self) -> None:
        while True:
            try:
                await self._follow_layer()
            except Exception as error:  # noqa: BLE001 -- the layer is a bell only: sockets outlive it
                log.warning("live.layer_failed", error=repr(error)[:200])
                await asyncio.sleep(RETRY_SECONDS)

    async def _follow_layer(self) -> None:
        """Listen for a while: the membership is renewed long before a layer would let it lapse."""
        layer: Any = get_channel_layer()
        if layer is None:
            await asyncio.sleep(LISTEN_SECONDS)
            return
        channel = await layer.new_channel("live")
        await layer.group_add(live.CHANGES, channel)
        await layer.group_add(live.BROADCASTS, channel)
        if self._listening.is_set():
            self._note_all()
        self._listening.set()
        try:
            async with asyncio.timeout(LISTEN_SECONDS):
                while True:
                    self._heard(await layer.receive(channel))
        except TimeoutError:
            await layer.group_discard(live.CHANGES, channel)
            await layer.group_discard(live.BROADCASTS, channel)

    def _heard(self, message: dict[str, Any]) -> None:
        if message.get("type") == live.CHANGES:
            self.note(message["organization_id"], message["topics"])
        elif message.get("type") == live.BROADCASTS:
            self._broadcast(message)

    def note(self, organization_id: int | None, topics: Iterable[str]) -> None:
        """Rows of an organisation changed."""
        topics = list(topics)
        followers: list[tuple[Audience, Scope | Topics]] = [*self._scopes.items(), *self._topics.items()]
        for audience, follower in followers:
            if audience.organization_id in {organization_id, None}:
                follower.note(topics)
        self.orders.note(topics)

    def _note_all(self) -> None:
        """What was rung meanwhile was not heard."""
        for scope in self._scopes.values():
            scope.note([EVERYTHING])
        for topics in self._topics.values():
            topics.note([EVERYTHING])

    def _broadcast(self, message: dict[str, Any]) -> None:
        owner = message["organization_id"]
        told = {"type": "broadcast", "id": message["id"], "message": message["message"]}
        for socket in list(self.sockets):
            if socket.hears_broadcasts and owner in {None, socket.user.organization_id}:
                socket.tell(told)

    # --- rights -----------------------------------------------------------------------------------

    async def _recheck(self) -> None:
        while True:
            await asyncio.sleep(RECHECK_SECONDS)
            try:
                await self._check(list(self.sockets))
            except Exception as error:  # noqa: BLE001 -- the database may be away; the next look asks again
                log.warning("live.recheck_failed", error=repr(error)[:200])

    async def _check(self, sockets: list[LiveSocket]) -> None:
        """End the sockets of people who lost the right, or whose login or token ended."""
        if not sockets:
            return
        shown = {socket.shown for socket in sockets}
        holds = await live_reading.run(partial(passes_hold, shown, utc_now()))
        for socket in sockets:
            user = holds.get(socket.shown)
            if user is None:
                socket.end(REVOKED, "not logged in any more")
            elif not any(may(user, right) for right in socket.rights):
                socket.end(NO_RIGHT, "not allowed any more")
            else:
                socket.renewed(user)

    def _forget_old(self) -> None:
        limit = time.monotonic() - KEEP_SECONDS
        for audience, scope in list(self._scopes.items()):
            if not scope.watchers and scope.emptied_at and scope.emptied_at < limit:
                del self._scopes[audience]


def audience_of(user: Any) -> Audience:
    """Whose rows a person sees: the same sockets share one reading and one text."""
    return Audience(None) if user.sees_all else Audience(user.organization_id, user.sites_held)


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """The hub of the running event loop."""
    loop = asyncio.get_running_loop()
    found = _hubs.get(loop)
    if found is None:
        found = _hubs[loop] = Hub()
    return found
