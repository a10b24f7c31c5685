"""A live socket beside a server that never waits (daphne's lane): what a peer does not read is bounded."""

import asyncio
from typing import Any

from central.consumers import live_socket
from central.consumers.live_socket import MOST_OWN_BYTES, MOST_WAITING, UNREAD_BYTES, LiveSocket
from emobility.lib import express


class Lane:
    """A server that takes everything and knows how much its peer has not read."""

    def __init__(self):
        self.held, self.sent = 0, []

    def unread(self):
        return self.held

    def send_text(self, text):
        self.sent.append(text)
        self.held += len(text)


async def _socket(lane, sent):
    async def send(message):
        sent.append(message)

    async def receive():
        return {}

    scope = {"subprotocols": [], "extensions": {express.NAME: lane}, "headers": []}
    socket = LiveSocket(scope, receive, send)
    socket.user = type("Person", (), {"pk": 1})()
    await socket._accept()
    return socket


def codes(sent):
    return [message["code"] for message in sent if message["type"] == "websocket.close"]


async def test_who_reads_gets_every_frame_in_order_without_a_task():
    lane = Lane()
    sent: list[dict[str, Any]] = []
    socket = await _socket(lane, sent)
    for number in range(5):
        socket.say(str(number))
    assert lane.sent == ["0", "1", "2", "3", "4"]
    assert not socket._tasks


async def test_frames_wait_while_the_peer_does_not_read_and_go_on_when_it_does():
    lane = Lane()
    sent: list[dict[str, Any]] = []
    socket = await _socket(lane, sent)
    lane.held = UNREAD_BYTES + 1
    socket.say("a")
    socket.say("b")
    await asyncio.sleep(0)
    assert lane.sent == []
    lane.held = 0
    async with asyncio.timeout(5):
        while lane.sent != ["a", "b"]:  # noqa: ASYNC110 -- a condition of the socket's own task
            await asyncio.sleep(0.01)


async def test_who_never_reads_is_closed_and_holds_nothing(monkeypatch):
    monkeypatch.setattr(live_socket, "PATIENCE", 0.05)
    lane = Lane()
    sent: list[dict[str, Any]] = []
    socket = await _socket(lane, sent)
    lane.held = UNREAD_BYTES + 1
    socket.say("a")
    async with asyncio.timeout(5):
        while not codes(sent):  # noqa: ASYNC110 -- a condition of the socket's own task
            await asyncio.sleep(0.01)
    assert codes(sent) == [live_socket.SLOW]
    socket.say("b")
    assert not socket._waiting
    assert lane.sent == []


async def test_neither_the_number_of_frames_nor_their_size_grows_without_an_end():
    for texts, own in ((["x"] * (MOST_WAITING + 2), 1), (["x"] * 4, MOST_OWN_BYTES)):
        lane = Lane()
        sent: list[dict[str, Any]] = []
        socket = await _socket(lane, sent)
        lane.held = UNREAD_BYTES + 1
        for text in texts:
            socket.say(text, own=own)
            assert len(socket._waiting) <= MOST_WAITING
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert codes(sent) == [live_socket.SLOW]
