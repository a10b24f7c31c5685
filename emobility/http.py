"""Django's HTTP handler for ASGI with one hop to a thread for each request, and answers that wait."""

from asgiref.sync import SyncToAsync, sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.db import connections
from django.http import HttpRequest
from django.http.response import HttpResponseBase

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
        response = await sync_to_async(self.get_response, thread_sensitive=True)(request)
        later = held(response)
        if later is not None:
            await sync_to_async(connections.close_all, thread_sensitive=True)()
            _let_thread_go()
            await later.until()
            await sync_to_async(later.finish, thread_sensitive=True)()
        return response


def _let_thread_go() -> None:
    """End the thread that is kept for this request; the next hop gets a new one."""
    context = SyncToAsync.thread_sensitive_context.get(None)
    executor = SyncToAsync.context_to_thread_executor.pop(context, None) if context else None
    if executor is not None:
        executor.shutdown(wait=False)
