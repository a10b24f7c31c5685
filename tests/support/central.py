"""A Central in a few lines, for tests of charge points: answers as told, forgets on demand."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

from tests.support.wait import FACTOR

Frame = tuple[str, dict[str, Any]]
NOW = "2026-01-05T10:00:00.000Z"
ANSWERS: dict[str, dict[str, Any]] = {
    "BootNotification": {"currentTime": NOW, "interval": 300, "status": "Accepted"},
    "Heartbeat": {"currentTime": NOW},
    "StatusNotification": {},
    "MeterValues": {},
    "NotifyReport": {},
    "StopTransaction": {"idTagInfo": {"status": "Accepted"}},
    "StartTransaction": {"transactionId": 77, "idTagInfo": {"status": "Accepted"}},
    "TransactionEvent": {"idTokenInfo": {"status": "Accepted"}},
}


class ScriptedCentral:
    """Records the requests of one charge point; `drop` names actions that it hears and cuts off."""

    def __init__(self, version: str) -> None:
        self.answers: dict[str, Any] = dict(ANSWERS)
        token = "idTagInfo" if version == "1.6" else "idTokenInfo"
        self.answers["Authorize"] = {token: {"status": "Accepted"}}
        self.frames: list[Frame] = []
        self.message_ids: list[str] = []
        self.authorization: list[str] = []
        self.drop: list[str] = []
        self.url = ""
        self.connections = 0
        self._socket: ServerConnection | None = None
        self._results: dict[str, asyncio.Future[Any]] = {}
        self._changed = asyncio.Condition()

    def actions(self, *wanted: str) -> list[str]:
        """The actions heard so far, all or only `wanted`."""
        return [action for action, _ in self.frames if not wanted or action in wanted]

    def payloads(self, action: str) -> list[dict[str, Any]]:
        """The requests of one action."""
        return [payload for name, payload in self.frames if name == action]

    async def until(self, condition: Callable[[], object], seconds: float = 10) -> None:
        """Wait until the frames fulfil `condition`."""
        async with asyncio.timeout(seconds * FACTOR), self._changed:
            await self._changed.wait_for(condition)

    async def order(self, action: str, payload: dict[str, Any]) -> Any:
        """Send a request to the charge point and return its answer, or the frame of its error."""
        message_id = uuid.uuid4().hex
        future = self._results[message_id] = asyncio.get_running_loop().create_future()
        assert self._socket is not None
        await self._socket.send(json.dumps([2, message_id, action, payload]))
        return await asyncio.wait_for(future, 10 * FACTOR)

    async def handle(self, socket: ServerConnection) -> None:
        """One connection."""
        assert socket.request is not None
        self.authorization.append(socket.request.headers.get("Authorization", ""))
        self._socket, self.connections = socket, self.connections + 1
        async for text in socket:
            frame = json.loads(text)
            if frame[0] != 2:
                self._results.pop(frame[1]).set_result(frame[2] if frame[0] == 3 else frame)
                continue
            if not await self._answer(socket, frame):
                return

    async def _answer(self, socket: ServerConnection, frame: list[Any]) -> bool:
        _, message_id, action, payload = frame
        self.frames.append((action, payload))
        self.message_ids.append(message_id)
        async with self._changed:
            self._changed.notify_all()
        if action in self.drop:
            self.drop.remove(action)
            socket.transport.abort()
            return False
        answer = self.answers[action]
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if isinstance(answer, str):
            await socket.send(json.dumps([4, message_id, answer, "", {}]))
        else:
            await socket.send(json.dumps([3, message_id, answer]))
        return True


@asynccontextmanager
async def scripted_central(version: str) -> AsyncIterator[ScriptedCentral]:
    """A Central on a free port for charge points of one version."""
    central = ScriptedCentral(version)
    async with serve(
        central.handle,
        "127.0.0.1",
        0,
        subprotocols=[Subprotocol(f"ocpp{version}")],
        close_timeout=1,
    ) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        central.url = f"ws://127.0.0.1:{port}/ocpp"
        yield central
