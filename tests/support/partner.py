"""A scripted OCPI partner on a real socket: records what it gets, keeps what it stores, misbehaves on demand.

`partner.misbehave("POST", "cdrs", how)` queues one fault for the next request of that method and module.
"""

import base64
import json
import socket
import struct
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

STAMP = "2026-01-01T00:00:00Z"
VERSION = "2.2.1"
MODULES = (("credentials", "SENDER"), ("sessions", "RECEIVER"), ("cdrs", "RECEIVER"))
"""What it speaks unless a test says otherwise (`ScriptedPartner.version`)."""


@dataclass
class Recorded:
    """One request that arrived."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: Any
    module: str

    @property
    def token(self) -> str:
        """The credentials token in its Authorization header, out of Base64 if it is in it."""
        text = self.headers["authorization"].removeprefix("Token ")
        try:
            return base64.b64decode(text, validate=True).decode()
        except ValueError:
            return text


Fault = Callable[["Handler", Recorded], None]


@dataclass
class Answer:
    """What a partner says: HTTP status, OCPI status, data, headers."""

    http_status: int = 200
    status_code: int = 1000
    data: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    message: str = ""


class ScriptedPartner:
    """One platform with sessions and CDRs receivers: `cdrs` and `sessions` are what it stored, by address.

    `offers` are more endpoints (module, side), `replies` what it says there, by module.
    """

    def __init__(self, country_code: str = "NL", party_id: str = "TST", role: str = "EMSP") -> None:
        self.country_code, self.party_id, self.role = country_code, party_id, role
        self.version = VERSION
        self.token_b, self.token_c = "scripted-token-b", ""
        self.tokens_accepted: set[str] = {self.token_b}
        self.requests: list[Recorded] = []
        self.cdrs: dict[str, Any] = {}
        self.cdr_posts: list[str] = []
        self.sessions: dict[str, Any] = {}
        self.faults: dict[tuple[str, str], list[Fault]] = defaultdict(list)
        self.down = False
        self.versions: list[dict[str, str]] | None = None
        self.endpoints: list[dict[str, str]] | None = None
        self.duplicate_answer: Answer | None = None
        self.offers: list[tuple[str, str]] = []
        self.replies: dict[str, Callable[[Recorded], Answer]] = {}
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), Handler)
        self._server.partner = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> "ScriptedPartner":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=10)

    def url(self, path: str = "") -> str:
        """Address of `path` at this partner."""
        return f"http://127.0.0.1:{self._server.server_address[1]}{path}"

    def credentials(self, token: str | None = None) -> dict[str, Any]:
        """Its credentials object, in the form of its version."""
        role = {
            "role": self.role,
            "business_details": {"name": "Scripted Partner"},
            "party_id": self.party_id,
            "country_code": self.country_code,
        }
        common = {"token": token or self.token_b, "url": self.url("/versions")}
        if self.version != "2.1.1":
            return common | {"roles": [role]}
        del role["role"]
        return common | role

    def misbehave(self, method: str, module: str, *faults: Fault) -> None:
        """Queue faults, one for each coming request of `method` on `module`."""
        self.faults[method, module].extend(faults)

    def sent(self, method: str, module: str) -> list[Recorded]:
        """What arrived so far."""
        return [item for item in self.requests if (item.method, item.module) == (method, module)]

    def answer(self, request: Recorded) -> Answer:
        """What a well-behaved partner says."""
        with self._lock:
            handler = self.replies.get(request.module) or getattr(self, f"_{request.module}", None)
            return handler(request) if handler else Answer(404, 2000, message="nothing here")

    def store(self, request: Recorded) -> Answer:
        """Do what the request asks, whatever is said afterwards."""
        return self.answer(request)

    def _versions(self, request: Recorded) -> Answer:
        mine = [{"version": self.version, "url": self.url(f"/{self.version}")}]
        return Answer(data=mine if self.versions is None else self.versions)

    def _details(self, request: Recorded) -> Answer:
        mine = [
            {"identifier": name, "role": side, "url": self.url(f"/{self.version}/{name}")}
            for name, side in [*MODULES, *self.offers]
        ]
        if self.version == "2.1.1":
            mine = [{"identifier": item["identifier"], "url": item["url"]} for item in mine]
        data = {"version": self.version, "endpoints": mine if self.endpoints is None else self.endpoints}
        return Answer(data=data)

    def _credentials(self, request: Recorded) -> Answer:
        if request.method in {"POST", "PUT"}:
            self.token_c = request.body["token"]
            if request.method == "PUT":
                self.token_b = f"scripted-token-{len(self.requests)}"
            return Answer(data=self.credentials())
        return Answer(data=self.credentials() if request.method == "GET" else None)

    def _sessions(self, request: Recorded) -> Answer:
        known = request.path in self.sessions
        if request.method == "PUT":
            self.sessions[request.path] = request.body
            return Answer(200 if known else 201)
        return Answer(data=self.sessions[request.path]) if known else Answer(404, 2000, message="unknown")

    def _locations(self, request: Recorded) -> Answer:
        self.sessions[request.path] = request.body
        return Answer(200)

    _tariffs = _locations

    def _cdrs(self, request: Recorded) -> Answer:
        if request.method != "POST":
            known = self.cdrs.get(request.path)
            return Answer(data=known) if known else Answer(404, 2000, message="unknown")
        path = f"/{self.version}/cdrs/{request.body['id']}"
        self.cdr_posts.append(request.body["id"])
        if path in self.cdrs and self.duplicate_answer:
            return self.duplicate_answer
        self.cdrs[path] = request.body
        return Answer(201, headers={"Location": self.url(path)})


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    partner: ScriptedPartner


class Handler(BaseHTTPRequestHandler):
    """Reads a request, records it, lets a queued fault or the partner answer."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def _serve(self) -> None:
        partner = self.server.partner
        request = self._read()
        partner.requests.append(request)
        queue = partner.faults[request.method, request.module]
        if partner.down:
            self.drop()
        elif queue:
            queue.pop(0)(self, request)
        else:
            self.say(partner.answer(request))

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815 -- names of http.server

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def _read(self) -> Recorded:
        parts = urlsplit(self.path)
        segments = [part for part in parts.path.split("/") if part]
        version = self.server.partner.version
        module = {(): "root", ("versions",): "versions", (version,): "details"}.get(tuple(segments))
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return Recorded(
            self.command,
            parts.path,
            parse_qs(parts.query),
            {name.lower(): value for name, value in self.headers.items()},
            json.loads(content) if content else None,
            module or (segments[1] if len(segments) > 1 else "unknown"),
        )

    def say(self, answer: Answer) -> None:
        """Write an answer in its envelope."""
        body = {"status_code": answer.status_code, "timestamp": STAMP}
        if answer.data is not None:
            body["data"] = answer.data
        if answer.message:
            body["status_message"] = answer.message
        self.raw(answer.http_status, json.dumps(body).encode(), answer.headers)

    def raw(self, status: int, content: bytes, headers: dict[str, str] | None = None) -> None:
        """Write any bytes."""
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        try:
            self.wfile.write(content)
        except OSError:
            self.close_connection = True

    def drop(self) -> None:
        """Cut the connection without a word (RST)."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()
        self.wfile = open("/dev/null", "wb")  # noqa: SIM115 -- closed by the handler when it finishes


def store_then_drop(handler: Handler, request: Recorded) -> None:
    """Store, then vanish: the sender cannot know."""
    handler.server.partner.store(request)
    handler.drop()


def drop(handler: Handler, request: Recorded) -> None:
    """Vanish without storing."""
    handler.drop()


def error_500(handler: Handler, request: Recorded) -> None:
    """An error page instead of an envelope."""
    handler.raw(500, b"<html>oops</html>", {"Content-Type": "text/html"})


def wrong_status(handler: Handler, request: Recorded) -> None:
    """Store, and answer 200 where 201 is meant, without Location."""
    handler.server.partner.store(request)
    handler.say(Answer(200, 1000))


def refuse(handler: Handler, request: Recorded) -> None:
    """A clear refusal with HTTP 200 and 2001."""
    handler.say(Answer(200, 2001, message="no, thanks"))


def oversized(handler: Handler, request: Recorded) -> None:
    """More than anybody should read."""
    handler.raw(200, b'{"data": "' + b"x" * (6 * 1024 * 1024) + b'"}')


def not_json(handler: Handler, request: Recorded) -> None:
    """200 and no JSON."""
    handler.raw(200, b"OK")


def redirect_to(url: str) -> Fault:
    """Send the asker elsewhere."""

    def fault(handler: Handler, request: Recorded) -> None:
        handler.raw(307, b"", {"Location": url})

    return fault
