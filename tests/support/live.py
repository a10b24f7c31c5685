"""Clients of the live sockets: logins, sockets, frames."""

import json
from typing import Any

import httpx2
from django.test import Client
from websockets.sync.client import ClientConnection, connect

from registry.models import User
from tests.support.server import LiveServer
from tests.support.wait import FACTOR

PASSWORD = "a-good-password"


def login(server: LiveServer, user: User) -> dict[str, str]:
    """The header of a person whose password is PASSWORD."""
    answer = httpx2.post(server.http("/api/token"), json={"username": user.username, "password": PASSWORD})
    return {"Authorization": f"Bearer {answer.json()['access']}"}


def cookie(user: User) -> dict[str, str]:
    """The cookie of a person's browser."""
    client = Client()
    client.force_login(user)
    return {"Cookie": f"sessionid={client.cookies['sessionid'].value}"}


def ticket(server: LiveServer, user: User) -> str:
    """A subprotocol that opens one socket."""
    answer = httpx2.post(server.http("/api/tickets"), headers=login(server, user))
    return str(answer.json()["protocol"])


def listen(
    server: LiveServer, path: str = "/dashboard", headers: dict[str, str] | None = None, **options: Any
) -> Any:
    """A socket, to be used in `with`."""
    return connect(
        server.ws(path), additional_headers=headers, compression=None, open_timeout=10 * FACTOR, **options
    )


def hear(socket: ClientConnection, kind: str | None = None) -> Any:
    """The next frame (of a kind)."""
    while True:
        frame = json.loads(socket.recv(timeout=10 * FACTOR))
        if kind in {None, frame["type"]}:
            return frame


def say(socket: ClientConnection, content: dict[str, Any]) -> None:
    """Send a frame."""
    socket.send(json.dumps(content))
