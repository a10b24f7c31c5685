"""A PostgreSQL and a Redis of a test's own, on free ports, for tests that kill, restart or fill them.

They run as an unprivileged user (PostgreSQL refuses to run as root); their data is gone afterwards.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import psycopg
import pytest
from redis import Redis, RedisError

from tests.support.process import free_port
from tests.support.wait import eventually


def _binary(name: str) -> str:
    """Where a program of PostgreSQL is; Debian keeps them out of the path."""
    kept = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    return str(kept[0]) if kept else shutil.which(name) or ""


INITDB, PG_CTL = _binary("initdb"), _binary("pg_ctl")
REDIS_SERVER: Final = shutil.which("redis-server") or ""
USER: Final = "postgres" if os.geteuid() == 0 else None
needs_own_postgres: Final = pytest.mark.skipif(not (INITDB and PG_CTL), reason="needs PostgreSQL's programs")
needs_own_redis: Final = pytest.mark.skipif(not REDIS_SERVER, reason="needs redis-server")


def own_folder(prefix: str, parent: Path | None = None) -> Path:
    """A folder that belongs to the unprivileged user and that he can reach."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent or "/tmp"))
    if USER:
        shutil.chown(folder, USER, USER)
    return folder


class OwnPostgres:
    """A PostgreSQL server in `folder` (a new one where none is given), used as a context manager."""

    def __init__(self, folder: Path | None = None) -> None:
        self.port = free_port()
        self.folder = folder or own_folder("own-postgres-")
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start it, as a supervisor would: again and again until it runs."""
        log = self.folder / "server.log"
        self._run([PG_CTL, "-D", str(self.data), "-l", str(log), "-w", "-t", "60", "start"])

    def stop(self, mode: str) -> None:
        """Stop it; `mode` is fast or immediate (which is a crash)."""
        self._run([PG_CTL, "-D", str(self.data), "-m", mode, "-w", "-t", "60", "stop"])

    @property
    def runs(self) -> bool:
        """Whether its postmaster lives."""
        return self._run([PG_CTL, "-D", str(self.data), "status"], check=False) == 0

    @property
    def data(self) -> Path:
        """Its data directory."""
        return self.folder / "data"

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """The rows of a SELECT."""
        with psycopg.connect(self.url) as connection:
            return connection.execute(query.encode()).fetchall()

    def __enter__(self) -> Self:
        self._run([INITDB, "-D", str(self.data), "-U", "postgres", "-A", "trust", "--no-sync"])
        with (self.data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write(
                f"port={self.port}\nlisten_addresses='127.0.0.1'\nunix_socket_directories='{self.folder}'\n"
                "max_connections=60\nmin_wal_size=32MB\nmax_wal_size=64MB\nwal_recycle=off\n"
            )
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.runs:
            self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, command: list[str], *, check: bool = True) -> int:
        done = (
            subprocess.run(
                command, user=USER, cwd="/tmp", capture_output=True, text=True, check=False, timeout=120
            )
            if "start" not in command
            else self._spawn(command)
        )
        assert done.returncode == 0 or not check, f"{command}: {done.stdout} {done.stderr}"
        return done.returncode

    def _spawn(self, command: list[str]) -> "subprocess.CompletedProcess[str]":
        """pg_ctl start: its child keeps the pipes, so nothing may be captured."""
        null = subprocess.DEVNULL
        done = subprocess.run(
            command, user=USER, cwd="/tmp", stdin=null, stdout=null, stderr=null, check=False, timeout=120
        )
        return subprocess.CompletedProcess(command, done.returncode, "", "")


class OwnRedis:
    """A Redis without persistence, used as a context manager."""

    def __init__(self) -> None:
        self.port = free_port()
        self.folder = own_folder("own-redis-")
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it empty."""
        command = [
            REDIS_SERVER,
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
        ]
        null = subprocess.DEVNULL
        self._process = subprocess.Popen(
            [*command, "no"], user=USER, cwd=self.folder, stdout=null, stderr=null
        )
        eventually(self._answers)

    def kill(self) -> None:
        """kill -9."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=10)

    def flush(self) -> None:
        """FLUSHALL."""
        with Redis.from_url(self.url) as client:
            client.flushall()

    def _answers(self) -> bool:
        try:
            with Redis.from_url(self.url, socket_connect_timeout=1) as client:
                return bool(client.ping())
        except RedisError:
            return False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
