"""Django's HTTP handler for ASGI with one hop to a thread for each request, and answers that wait."""

from typing import Any

from asgiref.sync import SyncToAsync, sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.db import close_old_connections, connections
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from emobility.bodies import (
    BodyTooLarge,
    Receive,
    Send,
    bounded_body,
    declared_length,
    refuse_body,
    wide_limit,
)
from emobility.lib.later import held


class OneHopHandler(ASGIHandler):
    """All our views and most middleware are synchronous: the whole chain runs in one go on one thread.

    The stock handler changes between loop and thread for each middleware, which costs more than most answers.
    """

    def load_middleware(self, is_async: bool = False) -> None:
        """Build the synchronous chain, whatever the server speaks."""
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        """The answer of the synchronous chain; one that waits holds neither thread nor connection."""
        response = await sync_to_async(self._answer, thread_sensitive=True)(request)
        later = held(response)
        if later is not None:
            await sync_to_async(connections.close_all, thread_sensitive=True)()
            _let_thread_go()
            await later.until()
            await sync_to_async(later.finish, thread_sensitive=True)()
        return response

    async def handle(self, scope: Any, receive: Receive, send: Send) -> None:
        """Refuse a body beyond its limit while it comes: Django would first put all of it onto the disk."""
        limit = await wide_limit(scope)
        if declared_length(scope) > limit:
            await refuse_body(send)
            return
        try:
            await super().handle(scope, bounded_body(receive, limit), send)
        except BodyTooLarge:
            await refuse_body(send)

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.streaming:
            # A download may take hours, and this thread's connection to the database has done its work.
            close_old_connections()
        return response


def _let_thread_go() -> None:
    """End the thread that is kept for this request; the next hop gets a new one."""
    context = SyncToAsync.thread_sensitive_context.get(None)
    executor = SyncToAsync.context_to_thread_executor.pop(context, None) if context else None
    if executor is not None:
        executor.shutdown(wait=False)
