"""What `/dashboard` and `/master` share: the handshake, frames in within limits, frames out to who reads.

Frames of a scope are one text for all its sockets. A socket whose peer does not read holds references to a
bounded number of them, and is then closed: nothing is buffered for ever.
"""

import asyncio
import json
import time
from collections import deque
from collections.abc import Coroutine, Sequence
from functools import partial
from typing import Any, ClassVar, Final

import structlog
from asgiref.typing import ASGIReceiveCallable, ASGISendCallable

from central.consumers import live_reading
from central.consumers.authentication import Refused
from central.consumers.door import Pass, admit, call_of
from central.consumers.refusals import refuse
from emobility.lib.clock import utc_now
from emobility.lib.express import Lane, lane_of
from emobility.lib.metrics import counter, gauge
from registry.models import User
from registry.rights import Right

log = structlog.get_logger(__name__)

UNAVAILABLE: Final = 503
NO_RIGHT: Final = 4403
REVOKED: Final = 4401
TOO_MANY_FRAMES: Final = 4008
TOO_LARGE: Final = 4009
SLOW: Final = 4010
LARGEST_FRAME: Final = 64 * 1024
FRAMES_A_MINUTE: Final = 120
"""Of one socket; each one beyond is answered with an error, and ten times as many end it."""
MOST_WAITING: Final = 200
"""Frames that may wait for one peer."""
MOST_OWN_BYTES: Final = 2 * 1024 * 1024
"""Bytes of frames made for one peer alone that may wait for it."""
UNREAD_BYTES: Final = 256 * 1024
"""What the server may hold for a peer before the next frame has to wait."""
PATIENCE: float = 15.0
"""Seconds in which a peer must have read enough for the next frame."""
LOOK_SECONDS: Final = 0.05
Answer = dict[str, Any]
OPEN: Final = gauge("live_sockets", "Open live sockets", ["kind"])
ENDED: Final = counter("live_sockets_ended", "Live sockets that we ended", ["kind", "code"])


BELONGING: Final = ("organization_id", "sees_all", "sites_held")
"""What decides whose rows a person sees."""


class LiveSocket:
    """One open socket of a person or a program."""

    rights: ClassVar[Sequence[Right]] = (Right.SEE,)
    protocols: ClassVar[Sequence[str]] = ()
    hears_broadcasts: bool = False
    kind: ClassVar[str] = ""

    def __init__(self, scope: Any, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        self.scope, self._receive, self._send = scope, receive, send
        self.user: User
        self.shown: Pass
        self.protocol = ""
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting: deque[tuple[str, int]] = deque()
        self._own_bytes = 0
        self._writing = False
        self._lane: Lane | None = None
        self._frames, self._minute = 0, 0.0
        self.is_open = False

    async def run(self) -> None:
        """Serve the socket until it ends."""
        event = await self._receive()
        if event["type"] != "websocket.connect":
            return
        call = call_of(self.scope)
        try:
            self.user, self.shown = await live_reading.run(partial(admit, call, self.rights, utc_now()))
        except Refused as refused:
            await refuse(self.scope, self._transmit, refused.status, noted=False)
            return
        except live_reading.OUTAGES as error:
            log.warning("live.reading_failed", error=repr(error)[:200])
            await refuse(self.scope, self._transmit, UNAVAILABLE, noted=False)
            return
        structlog.contextvars.bind_contextvars(user_id=self.user.pk, ip=call.address)
        await self._accept()
        OPEN.labels(self.kind).inc()
        try:
            await self.opened()
            await self._listen()
        finally:
            OPEN.labels(self.kind).dec()
            self.is_open = False
            self._waiting.clear()
            self.closed()

    async def opened(self) -> None:
        """The socket is accepted."""

    def closed(self) -> None:
        """The socket is gone."""

    async def heard(self, content: Answer) -> None:
        """A frame of the peer, parsed."""

    def renewed(self, user: User) -> None:
        """The person as he is now; whoever lost every right, or belongs elsewhere now, is sent away."""
        if any(getattr(user, name) != getattr(self.user, name) for name in BELONGING):
            self.end(REVOKED, "belongs elsewhere now")
        self.user = user

    # --- in ---------------------------------------------------------------------------------------

    async def _accept(self) -> None:
        offered: Sequence[str] = self.scope["subprotocols"]
        known = [name for name in offered if name in self.protocols]
        self.protocol = known[0] if known else ""
        self._lane = lane_of(self.scope)
        self.is_open = True
        # A browser that offered something must be told one of it: the ticket itself, where there is no other.
        answer = self.protocol or next(iter(offered), None)
        await self._transmit({"type": "websocket.accept", "subprotocol": answer})

    async def _listen(self) -> None:
        while True:
            event: Any = await self._receive()
            if event["type"] != "websocket.receive":
                return
            text = event.get("text") or event.get("bytes") or ""
            if self.is_open:
                await self._take(text)

    async def _take(self, text: str | bytes) -> None:
        if len(text) > LARGEST_FRAME:
            self.end(TOO_LARGE, "frame too large")
        elif self._is_too_many():
            self.fault("too_many", f"More than {FRAMES_A_MINUTE} frames in a minute.")
        else:
            content = _parsed(text)
            if content is None:
                self.fault("invalid", "A frame is a JSON object with a type.")
            else:
                await self.heard(content)

    def _is_too_many(self) -> bool:
        now = time.monotonic()
        if now - self._minute >= 60:
            self._minute, self._frames = now, 0
        self._frames += 1
        if self._frames > 10 * FRAMES_A_MINUTE:
            self.end(TOO_MANY_FRAMES, "too many frames")
        return self._frames > FRAMES_A_MINUTE

    # --- out --------------------------------------------------------------------------------------

    def tell(self, content: Answer) -> None:
        """Say something to this peer alone."""
        text = json.dumps(content, separators=(",", ":"), default=str)
        self.say(text, own=len(text))

    def fault(self, code: str, detail: str, ref: Any = None, fields: Any = None) -> None:
        """Tell of a refusal, in the form of REST's."""
        body: Answer = {"type": "error", "code": code, "detail": detail}
        if ref is not None:
            body["ref"] = ref
        if fields:
            body["fields"] = fields
        self.tell(body)

    def say(self, text: str, *, own: int = 0) -> None:
        """Send a frame in its turn; `own` bytes of it belong to this peer alone. Ends who does not read."""
        if not self.is_open:
            return
        if not self._writing and self._lane is not None and self._lane.unread() <= UNREAD_BYTES:
            self._say_by_lane(self._lane, text)
            return
        if len(self._waiting) >= MOST_WAITING or self._own_bytes + own > max(MOST_OWN_BYTES, own):
            self.end(SLOW, "reads too slowly")
            return
        self._waiting.append((text, own))
        self._own_bytes += own
        if not self._writing:
            self._writing = True
            self.spawn(self._write())

    async def _write(self) -> None:
        try:
            while self._waiting and self.is_open:
                text, own = self._waiting.popleft()
                self._own_bytes -= own
                async with asyncio.timeout(PATIENCE):
                    await self._write_one(text)
        except TimeoutError:
            self.end(SLOW, "reads too slowly")
        finally:
            self._writing = False

    async def _write_one(self, text: str) -> None:
        if self._lane is None:
            await self._transmit({"type": "websocket.send", "text": text})
            return
        # Nobody tells when a server has sent its bytes: there is nothing to wait for but time.
        while self._lane.unread() > UNREAD_BYTES and self.is_open:  # noqa: ASYNC110
            await asyncio.sleep(LOOK_SECONDS)
        if self.is_open:
            self._say_by_lane(self._lane, text)

    def _say_by_lane(self, lane: Lane, text: str) -> None:
        try:
            lane.send_text(text)
        except Exception as error:  # noqa: BLE001 -- every server has its own way to say that the peer is gone
            self._gone(error)

    def end(self, code: int, why: str) -> None:
        """Close the socket with a code of docs/live.md."""
        if self.is_open:
            self.is_open = False
            self._waiting.clear()
            ENDED.labels(self.kind, str(code)).inc()
            log.info("live.closed", code=code, why=why, user_id=self.user.pk)
            self.spawn(self._transmit({"type": "websocket.close", "code": code, "reason": why}))

    async def _transmit(self, message: Any) -> None:
        """Send; a socket that is gone already is no error."""
        try:
            await self._send(message)
        except Exception as error:  # noqa: BLE001 -- every server has its own way to say that the peer is gone
            self._gone(error)

    def _gone(self, error: Exception) -> None:
        self.is_open = False
        self._waiting.clear()
        log.debug("live.send_failed", error=repr(error)[:200])

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run work in a task that lives as long as it needs."""
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _parsed(text: str | bytes) -> Answer | None:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) and isinstance(content.get("type"), str) else None
