"""Django's HTTP handler for ASGI with one hop to a thread for each request, and answers that wait."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.signals import request_started
from django.db import close_old_connections, connections
from django.http.response import HttpResponseBase
from django.urls import set_script_prefix

from emobility.bodies import (
    BodyTooLarge,
    Receive,
    Send,
    bounded_body,
    declared_length,
    refuse_body,
    wide_limit,
)
from emobility.lib.later import Later, held

THREADS: Final = ThreadPoolExecutor(512, "http")
"""Threads are made when they are needed and kept. Far more than there are connections to the database: a
request may wait for a partner, who may ask this process meanwhile."""

FOR_BROWSERS: Final = frozenset(
    {
        "whitenoise.middleware.WhiteNoiseMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.locale.LocaleMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
        "django_htmx.middleware.HtmxMiddleware",
        "csp.middleware.CSPMiddleware",
    }
)


class OneHopHandler(ASGIHandler):
    """All our views and middleware are synchronous: a request is served in one go on one thread.

    The stock handler makes a thread for each request, gives it work three times, and changes to and fro for
    each middleware: that costs more than most answers.
    """

    def load_middleware(self, is_async: bool = False) -> None:
        """Build the synchronous chain, whatever the server speaks."""
        super().load_middleware(is_async=False)

    async def handle(self, scope: Any, receive: Receive, send: Send) -> None:
        """Take the body within its limit, answer; Django would first put all of a body onto the disk."""
        limit = await wide_limit(scope)
        if declared_length(scope) > limit:
            await refuse_body(send)
            return
        try:
            body = await self.read_body(bounded_body(receive, limit))
        except RequestAborted:
            return
        except BodyTooLarge:
            await refuse_body(send)
            return
        try:
            response = await _on_thread(self._served, scope, body)
            if response.closed:
                await self.send_response(response, send)
            else:
                await self._send_slowly(response, receive, send)
        finally:
            body.close()

    def _served(self, scope: Any, body: Any) -> HttpResponseBase:
        """The whole way of a request, on a thread: what is done with is closed, and its connection free."""
        set_script_prefix(get_script_prefix(scope))
        request_started.send(sender=self.__class__, scope=scope)
        request, refusal = self.create_request(scope, body)
        response: HttpResponseBase = refusal if request is None else self.get_response(request)  # type: ignore[assignment]
        response._handler_class = self.__class__  # type: ignore[attr-defined]  # noqa: SLF001 -- Django's own
        if response.streaming:
            # A download may take hours, and this thread's connection to the database has done its work.
            close_old_connections()
        elif held(response) is not None:
            connections.close_all()
        else:
            response.close()
        return response

    async def _send_slowly(self, response: HttpResponseBase, receive: Receive, send: Send) -> None:
        """Send what waits, or comes in parts, until the client is gone."""
        gone = asyncio.create_task(self.listen_for_disconnect(receive))
        sent = asyncio.create_task(self._sent(response, send))
        try:
            await asyncio.wait((gone, sent), return_when=asyncio.FIRST_COMPLETED)
        finally:
            gone.cancel()
            sent.cancel()
            _, failure = await asyncio.gather(gone, sent, return_exceptions=True)
            await _on_thread(response.close)
        if isinstance(failure, Exception):
            raise failure

    async def _sent(self, response: HttpResponseBase, send: Send) -> None:
        later = held(response)
        if later is not None:
            await later.until()
            await _on_thread(_finish, later)
        await self.send_response(response, send)


class MachineHandler(OneHopHandler):
    """For partners' servers: without what belongs to browsers alone (sessions, languages, forms, pages)."""

    def load_middleware(self, is_async: bool = False) -> None:
        """The chain without those; no endpoint behind it asks for a login or answers with a page."""
        every = settings.MIDDLEWARE
        settings.MIDDLEWARE = [name for name in every if name not in FOR_BROWSERS]
        try:
            super().load_middleware()
        finally:
            settings.MIDDLEWARE = every


class ByPath:
    """Partners' servers below /ocpi/, everybody else elsewhere."""

    def __init__(self) -> None:
        self._machines, self._all = MachineHandler(), OneHopHandler()

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Hand the request on."""
        handler = self._machines if scope["path"].startswith("/ocpi/") else self._all
        await handler(scope, receive, send)


def _finish(later: Later) -> None:
    """What remains to do when the waiting is over; the connection that it takes is given back."""
    try:
        later.finish()
    finally:
        connections.close_all()


async def _on_thread(work: Any, *args: Any) -> Any:
    return await sync_to_async(work, thread_sensitive=False, executor=THREADS)(*args)
