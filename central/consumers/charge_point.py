"""The WebSocket of a charge point: admission, frames in and out, an end that loses nothing received.

A bare ASGI application instead of a stock consumer: that one looks for stale database connections before
each message and keeps two tasks per message; this one needs no database and one task per answer.
"""

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

import structlog
from asgiref.typing import ASGIReceiveCallable, ASGISendCallable
from django.conf import settings
from django.db import InterfaceError, OperationalError

from central.consumers import errands
from central.consumers.authentication import Refused, knock_of
from central.consumers.gate import proved
from central.consumers.orders import OrderRunner
from central.consumers.ownership import give_up, take_over
from central.consumers.refusals import refuse, refuse_versions
from central.consumers.switchboard import switchboard
from central.ocpp import batch
from central.ocpp.catalog import SUBPROTOCOLS
from central.ocpp.context import Context
from central.ocpp.errors import INTERNAL, OcppError
from central.ocpp.execution import Job
from central.ocpp.frames import Call
from central.ocpp.link import Link, Outcome, Overflow, Request
from central.services.connections import Closing, Opened, Opening
from emobility.lib.clock import utc_now
from emobility.lib.crash import crash_point
from emobility.lib.express import Lane, lane_of
from registry.models import ChargePoint

log = structlog.get_logger(__name__)

INTERNAL_ERROR: Final = OcppError(INTERNAL)
TOUCH_EVERY: Final = timedelta(seconds=10)
TOO_MANY_FRAMES: Final = 4008
TOO_LARGE: Final = 4009
UNAVAILABLE: Final = 503


class ChargePointConsumer:
    """One socket of one charge point, from the knock to the last answer."""

    def __init__(self, scope: Any, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        self.connection_id = uuid4()
        self.charge_point_id = 0
        self.token_version = 0
        self.cp_id = ""
        self._organization_id = 0
        self._scope, self._receive, self._send = scope, receive, send
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._open = False
        self._idle = asyncio.Event()
        self._idle.set()
        self._room = asyncio.Event()
        self._room.set()
        self._lane: Lane | None = None
        self._touched = utc_now() - TOUCH_EVERY
        self._largest: int = settings.OCPP_MAX_MESSAGE_BYTES

    async def run(self) -> None:
        """Serve the socket until it ends."""
        event = await self._receive()
        if event["type"] != "websocket.connect":
            return
        self.cp_id = self._scope["url_route"]["kwargs"]["cp_id"]
        # Whatever is logged on behalf of this socket, in any task of its own, names it.
        structlog.contextvars.bind_contextvars(charge_point=self.cp_id, connection=str(self.connection_id))
        try:
            opened = await self._admit()
        except Refused as refused:
            await refuse(self._scope, self._transmit, refused.status)
            return
        if opened is None:
            return
        try:
            await self._serve_until_closed(opened)
        finally:
            await asyncio.shield(asyncio.ensure_future(self._leave()))

    # --- the handshake ----------------------------------------------------------------------------

    async def _admit(self) -> Opened | None:
        """Check who it is and take the charge point over; None where no version is common. Raises Refused."""
        knock = knock_of(self._scope, self.cp_id)
        try:
            self._know(await proved(knock))
            self.version = self._common_version()
            if not self.version:
                await refuse_versions(self._scope, self._transmit)
                return None
            opening = Opening(
                self.charge_point_id, self.connection_id, self.version, knock.address, utc_now()
            )
            return await take_over.ask(opening)
        except (OperationalError, InterfaceError) as error:
            log.warning("ocpp.database_failed", charge_point=self.cp_id, error=repr(error)[:200])
            raise Refused(UNAVAILABLE) from error

    def _know(self, charge_point: ChargePoint) -> None:
        self.charge_point_id = charge_point.pk
        self.token_version = charge_point.token_version
        self._organization_id = charge_point.organization_id

    def _common_version(self) -> str:
        """The first version in the client's order that we speak (OCPP-J §3.1.2)."""
        self._subprotocol = next((name for name in self._scope["subprotocols"] if name in SUBPROTOCOLS), "")
        return SUBPROTOCOLS.get(self._subprotocol, "")

    # --- frames -----------------------------------------------------------------------------------

    async def _serve_until_closed(self, opened: Opened) -> None:
        self._link = Link(self.version, booted=opened.booted, timeout=settings.OCPP_COMMAND_TIMEOUT)
        self._batcher = batch.batcher()
        self._orders = OrderRunner(self, self._link)
        self._open = True
        switchboard().join(self)
        log.info("Charge point connected", charge_point=self.cp_id, version=self.version)
        self._lane = lane_of(self._scope)
        if self._lane is not None:
            self._lane.on_text = self._hear
        await self._transmit({"type": "websocket.accept", "subprotocol": self._subprotocol})
        self._orders.look()
        while True:
            await self._room.wait()
            event = await self._receive()
            if event["type"] != "websocket.receive":
                return
            self._hear(event.get("text") or event.get("bytes") or "")

    def _hear(self, raw: str | bytes) -> None:
        if self._open:
            self._take(raw)

    def _take(self, raw: str | bytes) -> None:
        if len(raw) > self._largest:
            self.end(TOO_LARGE, "frame too large")
            return
        try:
            taken = self._link.receive(raw, utc_now())
        except Overflow:
            self.end(TOO_MANY_FRAMES, "too many frames without waiting for answers")
            return
        if isinstance(taken, Request):
            self._submit(taken)
        elif isinstance(taken, Outcome):
            self._orders.resolve(taken)
        elif self._link.crowded:
            self._hold()

    def _hold(self) -> None:
        """Read no further: whoever does not wait for answers waits for us instead."""
        if self._room.is_set():
            self._room.clear()
            if self._lane is not None:
                self._lane.hold()

    def _release(self) -> None:
        if not self._room.is_set():
            self._room.set()
            if self._lane is not None:
                self._lane.release()

    def _submit(self, request: Request) -> None:
        self._idle.clear()
        now = request.now
        touch = now - self._touched >= TOUCH_EVERY
        if touch:
            self._touched = now
        context = Context(
            self.charge_point_id,
            self.cp_id,
            self._organization_id,
            self.version,
            request.frame.message_id,
            now,
            self.connection_id,
        )
        errands.submit(Job(context, request, self._served, touch), self._batcher.submit)

    def _served(self, job: Job) -> None:
        crash_point("before_reply")
        if self._lane is None:
            self.spawn(self._answer(job))
            return
        try:
            text = self._text_of(job)
            if text is not None:
                self._say_now(text)
            crash_point("after_reply")
        finally:
            self._advance()

    async def _answer(self, job: Job) -> None:
        try:
            text = self._text_of(job)
            if text is not None:
                await self.say(text)
            crash_point("after_reply")
        finally:
            self._advance()

    def _advance(self) -> None:
        request = self._link.advance()
        if self._link.relieved:
            self._release()
        if request is None:
            self._idle.set()
        else:
            self._submit(request)

    def _text_of(self, job: Job) -> str | None:
        request = job.request
        if request.entry is None or not isinstance(request.frame, Call):
            return request.reply
        if job.error is not None or job.payload is None:
            return self._link.refuse(request, job.error or INTERNAL_ERROR)
        return self._link.answer(request, job.payload)

    # --- the end ----------------------------------------------------------------------------------

    def wake(self) -> None:
        """Look for orders."""
        self._orders.wake()

    async def say(self, text: str) -> None:
        """Send a frame; after the end nobody hears it."""
        if self._lane is not None:
            self._say_now(text)
        elif self._open:
            await self._transmit({"type": "websocket.send", "text": text})

    def _say_now(self, text: str) -> None:
        """Send a frame by the lane; after the end nobody hears it."""
        if self._lane is None or not self._open:
            return
        try:
            self._lane.send_text(text)
        except Exception as error:  # noqa: BLE001 -- every server has its own way to say that the peer is gone
            self._gone(error)

    def end(self, code: int, why: str) -> None:
        """Close the socket; what was received is still served."""
        if self._open:
            self._open = False
            self._release()
            log.info("Charge point socket closed", charge_point=self.cp_id, code=code, why=why)
            self.spawn(self._transmit({"type": "websocket.close", "code": code}))

    async def _leave(self) -> None:
        """Serve what was received, then give the charge point up."""
        self._open = False
        switchboard().leave(self)
        self._orders.close()
        await self._idle.wait()
        try:
            await give_up.ask(Closing(self.charge_point_id, self.connection_id, utc_now()))
        except (OperationalError, InterfaceError) as error:
            log.warning("ocpp.database_failed", charge_point=self.cp_id, error=repr(error)[:200])
        # One line for all of them, at the end: whoever answers what nobody asked fills no log with it.
        log.info("Charge point disconnected", charge_point=self.cp_id, stray_answers=self._link.strays)

    async def _transmit(self, message: Any) -> None:
        """Send; a socket that is gone already is no error."""
        try:
            await self._send(message)
        except Exception as error:  # noqa: BLE001 -- every server has its own way to say that the peer is gone
            self._gone(error)

    def _gone(self, error: Exception) -> None:
        self._open = False
        log.debug("ocpp.send_failed", charge_point=self.cp_id, error=repr(error)[:200])

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run work in a task that lives as long as it needs."""
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def charge_point_application(scope: Any, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """The ASGI application behind `/ocpp/<id>`."""
    await ChargePointConsumer(scope, receive, send).run()
