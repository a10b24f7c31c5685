"""The servers under load: the platform in its production shape, and the reference; and what they use."""

import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx2
import psutil
from cryptography.fernet import Fernet

ROOT = Path(__file__).resolve().parent.parent
REGISTRY_HOST = "registry.benchmark"
START_SECONDS = 180.0
BARE = "bare"
"""How the servers of the consumer that only answers are named, before the name of the ASGI server."""


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """A server process and its children, as a context manager."""

    name = ""

    def __init__(self) -> None:
        self.port = free_port()
        self._process: psutil.Popen | None = None

    def command(self) -> list[str]:
        """What is started."""
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        """Its environment."""
        return {"PATH": os.environ["PATH"]}

    def is_ready(self) -> bool:
        """Whether it answers."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    @property
    def ws_url(self) -> str:
        """OCPP address without an id."""
        return f"ws://127.0.0.1:{self.port}/ocpp"

    @property
    def http_url(self) -> str:
        """Address of its HTTP side."""
        return f"http://127.0.0.1:{self.port}"

    def cpu_seconds(self) -> float:
        """CPU time that the process and its children have used so far."""
        return sum(sum(process.cpu_times()[:2]) for process in self._family())

    def memory_bytes(self) -> int:
        """Resident memory of the process and its children."""
        return sum(process.memory_info().rss for process in self._family())

    def _family(self) -> list[psutil.Process]:
        assert self._process is not None
        return [self._process, *self._process.children(recursive=True)]

    def __enter__(self) -> Self:
        self._process = psutil.Popen(
            self.command(), cwd=ROOT, env=self.environment(), stdout=subprocess.DEVNULL
        )
        until = time.monotonic() + START_SECONDS
        while not self.is_ready():
            if self._process.poll() is not None or time.monotonic() > until:
                self._process.kill()
                raise RuntimeError(f"{self.name} did not start; see its lines above")
            time.sleep(0.1)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process is not None
        self._process.terminate()
        try:
            self._process.wait(timeout=30)
        except psutil.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Reference(Server):
    """A bare WebSocket server that routes through the ocpp package, without database."""

    name = "reference"

    def command(self) -> list[str]:
        """Our module, with the package's own loop."""
        return [sys.executable, "-m", "central.ocpp.simulator.reference", "--port", str(self.port)]


class Bare(Server):
    """A stock consumer that only answers, on the same ASGI server: what is the least there."""

    def __init__(self, server: str) -> None:
        super().__init__()
        self.name, self._server = f"{BARE} {server}", server

    def command(self) -> list[str]:
        """The server with its own defaults."""
        if self._server == "daphne":
            backlog = f"tcp:port={self.port}:interface=127.0.0.1:backlog=2048"
            return [sys.executable, "-m", "daphne", "-v0", "-e", backlog, "benchmarks.bare:application"]
        options = f"--lifespan off --backlog 2048 --log-level warning --port {self.port}"
        return [sys.executable, "-m", "uvicorn", "benchmarks.bare:application", *options.split()]


class Platform(Server):
    """The platform with production settings on `database_url`, served by daphne or uvicorn.

    `beside` is another process of the same installation: secrets and Redis prefix are shared.
    """

    def __init__(
        self, database_url: str, redis_url: str, server: str, beside: "Platform | None" = None
    ) -> None:
        super().__init__()
        self.name = server
        self._server = server
        self._folder = tempfile.TemporaryDirectory(prefix="emobility-bench-")
        (Path(self._folder.name) / "static").mkdir()
        self._environment = {
            "PATH": os.environ["PATH"],
            "ENV_FILE": os.devnull,
            "DEBUG": "false",
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "REGISTRY_API_PORT": str(free_port()),
            "FACE_TABLE": f"{REGISTRY_HOST}=registry",
            "ALLOWED_HOSTS": f"127.0.0.1,{REGISTRY_HOST}",
            "SECURE_SSL_REDIRECT": "false",
            "OCPP_ALLOW_PLAINTEXT": "true",
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "REDIS_PREFIX": f"bench-{secrets.token_hex(4)}",
            "VAR_DIR": self._folder.name,
            "LOG_LEVEL": "WARNING",
            "REGISTRY_LOG_LEVEL": "WARNING",
            "FIELD_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        } | {name: secrets.token_hex(32) for name in SECRETS}
        if beside is not None:
            shared = (*SECRETS, "REDIS_PREFIX", "FIELD_ENCRYPTION_KEYS")
            self._environment |= {name: beside.environment()[name] for name in shared}

    def environment(self) -> dict[str, str]:
        """Production settings with secrets of this run."""
        return self._environment

    def command(self) -> list[str]:
        """`manage.py serve` is daphne; uvicorn serves the same application."""
        if self._server == "daphne":
            return [sys.executable, "manage.py", "serve", "--quiet"]
        options = "--lifespan off --backlog 2048 --ws-max-size 4194304 --no-access-log --log-level warning"
        options += " --ws emobility.serving_uvicorn:FrameProtocol"
        command = [sys.executable, "-m", "uvicorn", "emobility.asgi:application", "--port", str(self.port)]
        return [*command, *options.split()]

    def is_ready(self) -> bool:
        """Its health page answers."""
        try:
            return httpx2.get(f"{self.http_url}/api/health", timeout=5).is_success
        except httpx2.HTTPError:
            return False

    def run(self, *command: str) -> str:
        """Run a command in the server's environment and give what it prints."""
        done = subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env=self._environment,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return done.stdout


SECRETS = (
    "SECRET_KEY",
    "REGISTRY_SECRET_KEY",
    "API_JWT_KEY",
    "CREDENTIAL_PEPPER",
    "TOKEN_HMAC_SECRET",
)
