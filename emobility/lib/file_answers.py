"""Kept files as answers: in parts, whole or a range of them (RFC 9110 §14), saved and never rendered."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import http_date, parse_http_date_safe
from storages.utils import clean_name

PART: Final = 256 * 1024
_RANGE: Final = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")
SAFE_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "private, no-store",
    "X-Accel-Buffering": "no",
}
"""What came from outside is only ever saved, never shown or run."""


class FileParts(StreamingHttpResponse):
    """A piece of a kept file. No database connection is held; between parts no thread is, either."""

    def __init__(self, file: Any, start: int, length: int, **options: Any) -> None:
        parts = _remote_parts if hasattr(file.storage, "bucket") else _local_parts
        self._parts = parts(file, start, length)
        super().__init__(self._parts, **options)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """The parts, each read when the one before has been taken."""
        while part := await asyncio.to_thread(next, self._parts, b""):
            yield part


def _local_parts(file: Any, start: int, length: int) -> Iterator[bytes]:
    with file.storage.open(file.name, "rb") as opened:
        opened.seek(start)
        while length > 0 and (part := opened.read(min(PART, length))):
            length -= len(part)
            yield part


def _remote_parts(file: Any, start: int, length: int) -> Iterator[bytes]:
    """Of an object in S3 just this range: the storage's own `open` would fetch the whole object first."""
    if length <= 0:
        return
    storage = file.storage
    key = storage._normalize_name(clean_name(file.name))  # noqa: SLF001 -- the one place that knows the prefix
    found = storage.bucket.Object(key).get(Range=f"bytes={start}-{start + length - 1}")
    yield from found["Body"].iter_chunks(PART)


def file_answer(
    file: Any,
    *,
    name: str,
    request: HttpRequest,
    etag: str = "",
    modified_at: Any = None,
    content_type: str = "application/octet-stream",
) -> HttpResponseBase:
    """The file as an attachment; with an `etag` a range of it is sent where one is asked for (206, 416)."""
    size = file.size
    headers = {**SAFE_HEADERS, "Content-Disposition": attachment(name)}
    if etag:
        headers |= {"ETag": f'"{etag}"', "Accept-Ranges": "bytes"}
    if modified_at is not None:
        headers["Last-Modified"] = http_date(modified_at.timestamp())
    wanted = _range(request, size, etag, modified_at) if etag else (0, size, False)
    if wanted is None:
        return HttpResponse(status=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    start, end, partial = wanted
    headers["Content-Length"] = str(end - start)
    if partial:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    status = 206 if partial else 200
    if request.method == "HEAD":
        return HttpResponse(status=status, headers=headers, content_type=content_type)
    return FileParts(file, start, end - start, status=status, headers=headers, content_type=content_type)


def attachment(name: str) -> str:
    """Content-Disposition for saving under a name of any letters (RFC 6266)."""
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", name).strip("._") or "file"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _range(request: HttpRequest, size: int, etag: str, modified_at: Any) -> tuple[int, int, bool] | None:
    """(start, end, partial); None where the range lies outside. Several ranges at once: the whole file."""
    header = request.headers.get("Range", "")
    found = _RANGE.fullmatch(header.strip())
    if not found or found.groups() == ("", "") or not _unchanged(request, etag, modified_at):
        return 0, size, False
    first, last = found.groups()
    if not first:
        length = min(int(last), size)
        return (size - length, size, True) if length else None
    start = int(first)
    end = min(int(last) + 1, size) if last else size
    if last and int(last) < start:
        return 0, size, False
    return (start, end, True) if start < size else None


def _unchanged(request: HttpRequest, etag: str, modified_at: Any) -> bool:
    """If-Range: a part only of the very file that the client has the beginning of."""
    condition = request.headers.get("If-Range")
    if condition is None:
        return True
    if condition.startswith('"'):
        return condition == f'"{etag}"'
    then = parse_http_date_safe(condition)
    return then is not None and modified_at is not None and then == int(modified_at.timestamp())
