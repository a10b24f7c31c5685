"""Real server processes for tests: `manage.py serve` or another ASGI server, on ports found free."""

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx2
from django.conf import settings
from django.db import connection

from tests.support.migrated import copy_migrated
from tests.support.wait import FACTOR, eventually

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """So many different ports: each is held until all are found."""
    with ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


def database_url() -> str:
    """The database of this test, for another process."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    login = f"{database['USER']}:{database['PASSWORD']}" if database["PASSWORD"] else database["USER"]
    return f"postgres://{login}@{database['HOST']}:{database['PORT'] or 5432}/{database['NAME']}"


class ToldWorker:
    """A process with the database of this test that runs `code` with `arguments` once it is told to.

    It has Django set up by then, so that what it is killed in the midst of is its work.
    """

    _BEGIN = (
        'import sys, django; django.setup(); sys.stdout.write("ready\\n"); sys.stdout.flush();'
        " sys.stdin.readline()\n"
    )

    def __init__(self, code: str, *arguments: object, **environment: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", self._BEGIN + code, *map(str, arguments)],
            cwd=ROOT,
            env={
                "PATH": os.environ["PATH"],
                "ENV_FILE": os.devnull,
                "DEBUG": "true",
                "DJANGO_SETTINGS_MODULE": "emobility.settings",
                "VAR_DIR": str(settings.VAR_DIR),
                "DATABASE_URL": database_url(),
                "EGRESS_ALLOW_HOSTS": "127.0.0.1",
                "EGRESS_ALLOW_HTTP": "true",
                **environment,
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self) -> int:
        """Let it work until it ends; its exit code."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        while self.process.stdout.readline().strip() != "ready":
            assert self.process.poll() is None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        code = self.process.wait(timeout=60)
        self.process.stdin.close()
        self.process.stdout.close()
        return code

    def kill(self) -> None:
        """As a power cut does."""
        self.process.kill()


class ServerProcess:
    """A platform process with a database of its own, used as a context manager.

    `database_url` empty means a new SQLite file, which is migrated first; `environment` wins over defaults.
    """

    def __init__(
        self,
        command: Sequence[str] = ("manage.py", "serve"),
        environment: dict[str, str] | None = None,
        folder: Path | None = None,
    ) -> None:
        self.port, self.registry_port = free_ports(2)
        self.folder = folder or Path(tempfile.mkdtemp(prefix="server-", dir=os.environ.get("VAR_DIR")))
        self.environment = {
            "PATH": os.environ["PATH"],
            "ENV_FILE": os.devnull,
            "DEBUG": "true",
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "REGISTRY_API_PORT": str(self.registry_port),
            "REGISTRY_OPEN_REGISTRATION": "true",
            "VAR_DIR": str(self.folder),
            "DATABASE_URL": f"sqlite:///{self.folder / 'server.sqlite3'}",
        } | (environment or {})
        self._command = [part.format(port=self.port, registry_port=self.registry_port) for part in command]
        self.process: subprocess.Popen[str] | None = None

    def migrate(self) -> None:
        """Bring the database up to date; a new SQLite file is a copy of a migrated one."""
        url = self.environment["DATABASE_URL"]
        file = Path(url.removeprefix("sqlite:///"))
        if url.startswith("sqlite:///") and not file.exists():
            copy_migrated(file)
            return
        self.run("manage.py", "migrate", "--verbosity=0").check_returncode()

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run another command in the server's environment until it ends."""
        full = [sys.executable, *command]
        limit = 180 * FACTOR
        return subprocess.run(
            full, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False, timeout=limit
        )

    def start(self, *, wait_for: str | None = None) -> None:
        """Start the process and wait until `wait_for` (default: Central's health) answers."""
        log = (self.folder / "console.log").open("a", encoding="utf-8")
        self.process = subprocess.Popen(
            [sys.executable, *self._command],
            cwd=ROOT,
            env=self.environment,
            stdout=log,
            stderr=log,
            text=True,
        )
        log.close()
        eventually(lambda: self._answers(wait_for or f"http://127.0.0.1:{self.port}/api/health"), timeout=60)

    def _answers(self, url: str) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.console()
        try:
            return httpx2.get(url, verify=False, timeout=5).status_code < 500
        except httpx2.HTTPError:
            return False

    def console(self) -> str:
        """What the process wrote so far."""
        return (self.folder / "console.log").read_text(encoding="utf-8")

    def stop(self, *, kill: bool = False) -> int:
        """End the process by SIGTERM (or SIGKILL) and give its exit code."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.kill() if kill else self.process.terminate()
        return self.process.wait(timeout=30)

    def __enter__(self) -> Self:
        self.migrate()
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
