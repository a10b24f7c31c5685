"""Django's HTTP handler for ASGI with one hop to a thread for each request."""

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase


class OneHopHandler(ASGIHandler):
    """All our views and most middleware are synchronous: the whole chain runs in one go on one thread.

    The stock handler changes between loop and thread for each middleware, which costs more than most answers.
    """

    def load_middleware(self, is_async: bool = False) -> None:
        """Build the synchronous chain, whatever the server speaks."""
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        """The answer of the synchronous chain."""
        return await sync_to_async(self.get_response, thread_sensitive=True)(request)
