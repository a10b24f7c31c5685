"""The engine's health page: `GET /health` over HTTP, 200 while all is well and 503 on a fault."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Any

LONGEST_HEAD = 8192
HEAD_SECONDS = 5.0


async def serve_health(host: str, port: int, status: Callable[[], dict[str, Any]]) -> asyncio.Server:
    """Serve `status` (its field `status` is "OK" or "FAULT") until the server is closed; raises OSError."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            async with asyncio.timeout(HEAD_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
            writer.write(response(head.split(b"\r\n", 1)[0], status))
            await writer.drain()
        writer.close()

    return await asyncio.start_server(answer, host, port, limit=LONGEST_HEAD)


def response(request_line: bytes, status: Callable[[], dict[str, Any]]) -> bytes:
    """The whole HTTP response to a request line."""
    method, _, rest = request_line.decode("latin-1").partition(" ")
    path = rest.split(" ")[0].split("?")[0]
    if path != "/health":
        return _http(HTTPStatus.NOT_FOUND, {"detail": "Only /health is here."})
    if method not in {"GET", "HEAD"}:
        return _http(HTTPStatus.METHOD_NOT_ALLOWED, {"detail": "Only GET."})
    body = status()
    code = HTTPStatus.OK if body["status"] == "OK" else HTTPStatus.SERVICE_UNAVAILABLE
    return _http(code, body, with_body=method == "GET")


def _http(code: HTTPStatus, content: dict[str, Any], *, with_body: bool = True) -> bytes:
    body = json.dumps(content).encode()
    head = (
        f"HTTP/1.1 {code.value} {code.phrase}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + (body if with_body else b"")
