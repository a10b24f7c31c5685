"""A limit for the body of each request, kept while it comes; where files are sent a wider one."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connections
from django.utils.module_loading import import_string

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]

MIB: Final = 1024 * 1024
LARGE: Final = {
    "/files/logs/": "FILES_LOG_MAX_MIB",
    "/api/firmware-images": "FILES_FIRMWARE_MAX_MIB",
    "/admin/central/firmwareimage/": "FILES_FIRMWARE_MAX_MIB",
}
"""Where bodies are files: the beginning of the path, and the setting with the limit."""
BODILESS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
SLACK: Final = 64 * 1024
"""What a form puts around a file."""
TOO_LARGE: Final = b'{"code": "too_large", "detail": "The body is larger than may be sent here."}'


class BodyTooLarge(Exception):
    """More was sent than the address takes."""


def body_limit() -> int:
    """The most bytes that a request may carry anywhere."""
    return int(settings.HTTP_MAX_BODY_MIB) * MIB


def file_limit(path: str) -> int | None:
    """The most bytes that a request to `path` may carry which brings a file; None where none is brought."""
    for begin, setting in LARGE.items():
        if path.startswith(begin):
            return int(getattr(settings, setting)) * MIB + SLACK
    return None


async def wide_limit(scope: Mapping[str, Any]) -> int:
    """The most bytes that this request may carry: where files go, those who may send none stay in memory."""
    wide = file_limit(scope["path"])
    if wide is None or scope["method"] in BODILESS:
        return body_limit()
    known = await sync_to_async(_may_send, thread_sensitive=False)(scope)
    return wide if known else int(settings.FILE_UPLOAD_MAX_MEMORY_SIZE)


def _may_send(scope: Mapping[str, Any]) -> bool:
    """Asked on a thread that keeps no connection; by name, for servers load this before there are models."""
    try:
        return bool(import_string("emobility.senders.may_send_file")(scope))
    finally:
        connections.close_all()


def declared_length(scope: Mapping[str, Any]) -> int:
    """What the request says of its body's length; 0 where it says nothing."""
    text = dict(scope["headers"]).get(b"content-length", b"0")
    return int(text) if text.isdigit() else 0


def bounded_body(receive: Receive, limit: int) -> Receive:
    """The same `receive`, which raises BodyTooLarge once more than `limit` bytes came."""
    received = 0

    async def bounded() -> Mapping[str, Any]:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit:
            raise BodyTooLarge
        return message

    return bounded


async def refuse_body(send: Send) -> None:
    """413; what the client still sends is read by nobody."""
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": TOO_LARGE})
