"""A receiver of webhooks on a real socket: keeps what arrives, checks signatures, misbehaves on demand."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook


@dataclass
class Arrived:
    """One request."""

    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        """The body."""
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def uid(self) -> str:
        """The id of the message."""
        return self.headers["webhook-id"]

    def verify(self, secret: str) -> Any:
        """The body, where the signature is good. Raises WebhookVerificationError."""
        return Webhook(secret).verify(self.body, self.headers)


class Receiver:
    """`answer(arrived)` gives the status, or a status with headers; None closes the socket unanswered."""

    def __init__(self) -> None:
        self.requests: list[Arrived] = []
        self.answer: Callable[[Arrived], Any] = lambda arrived: 200
        self.text = "thanks"
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = True
        self._server.receiver = self  # type: ignore[attr-defined]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> "Receiver":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/hooks?tenant=1"

    @property
    def subjects(self) -> list[str]:
        """Subjects of what arrived, in order."""
        return [arrived.event["subject"] for arrived in self.requests]


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        receiver: Receiver = self.server.receiver  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers["content-length"]))
        arrived = Arrived({name.lower(): value for name, value in self.headers.items()}, body)
        receiver.requests.append(arrived)
        answer = receiver.answer(arrived)
        if answer is None:
            self.close_connection = True
            self.connection.close()
            return
        status, headers = answer if isinstance(answer, tuple) else (answer, {})
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        content = receiver.text.encode()
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""
