"""The whole ASGI application on real sockets in the test process: one server, quiet between tests."""

import asyncio
import socket
import threading
from typing import Any

import uvicorn

from emobility.serving_uvicorn import FrameProtocol
from tests.support.wait import eventually

HOST = "127.0.0.1"


def _listen() -> socket.socket:
    listener = socket.create_server((HOST, 0), backlog=2048)
    listener.setblocking(False)
    # What asyncio does for sockets of its own; without it kept connections wait 40 ms for each answer's rest.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


class LiveServer:
    """Central and the Registry on two free ports; `http`, `ws`, `registry_http` make addresses of paths."""

    def __init__(self, application: Any, max_message_bytes: int) -> None:
        self._central, self._registry = _listen(), _listen()
        self._uvicorn = uvicorn.Server(
            uvicorn.Config(
                application,
                lifespan="off",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                ws_max_size=max_message_bytes,
                ws=FrameProtocol,
                timeout_graceful_shutdown=5,
            )
        )
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="live-server", daemon=True)

    @property
    def port(self) -> int:
        """Central's port."""
        return int(self._central.getsockname()[1])

    @property
    def registry_port(self) -> int:
        """The Registry's port."""
        return int(self._registry.getsockname()[1])

    def http(self, path: str = "") -> str:
        """Address of `path` at Central."""
        return f"http://{HOST}:{self.port}{path}"

    def ws(self, path: str = "") -> str:
        """WebSocket address of `path` at Central."""
        return f"ws://{HOST}:{self.port}{path}"

    def registry_http(self, path: str = "") -> str:
        """Address of `path` at the Registry."""
        return f"http://{HOST}:{self.registry_port}{path}"

    def start(self) -> None:
        """Serve in a thread; returns when both ports answer."""
        self._thread.start()
        eventually(lambda: self._uvicorn.started)

    def settle(self) -> None:
        """Close what a test left open and wait until no request and no socket's work is under way."""
        eventually(self._is_quiet, timeout=20)

    def stop(self) -> None:
        """End the server and its thread."""
        self._uvicorn.should_exit = True
        self._thread.join(timeout=20)
        self._central.close()
        self._registry.close()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self.loop) as runner:
            runner.run(self._uvicorn.serve(sockets=[self._central, self._registry]))

    def _is_quiet(self) -> bool:
        """Ask again to close: who connected meanwhile must not be waited for."""
        self.loop.call_soon_threadsafe(self._close_connections)
        return not self._uvicorn.server_state.tasks

    def _close_connections(self) -> None:
        for connection in list(self._uvicorn.server_state.connections):
            connection.shutdown()
