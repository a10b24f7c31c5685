"""Implementations of others: installed once, pinned, into environments of their own below var/foreign."""

import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.support.process import ROOT, free_port
from tests.support.wait import eventually

PINS = ROOT / "tests" / "requirements-foreign.txt"
SCRIPT = ROOT / "tests" / "foreign" / "extrawest.py"


def foreign_python() -> Path:
    """The interpreter that has what PINS says; skips where it cannot be installed."""
    name = hashlib.sha256(PINS.read_bytes() + sys.version.encode()).hexdigest()[:16]
    folder = ROOT / "var" / "foreign" / name
    if not folder.exists():
        _install(folder)
    return folder / "bin" / "python"


def _install(folder: Path) -> None:
    """Beside its place first, so that others never find half of it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix="making-", dir=folder.parent)) / "venv"
    uv = [sys.executable, "-m", "uv"]
    commands = (
        [*uv, "venv", "--quiet", "--python", sys.executable, str(made)],
        [
            *uv,
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--python",
            str(made / "bin" / "python"),
            "-r",
            str(PINS),
        ],
    )
    for command in commands:
        try:
            subprocess.run(command, check=True, capture_output=True, text=True, timeout=90)
        except (OSError, subprocess.SubprocessError) as error:
            said = getattr(error, "stderr", "") or str(error)
            pytest.skip(f"extrawest-ocpi cannot be installed here: {str(said).strip()[-300:]}")
    with suppress(OSError):
        made.rename(folder)


class Foreign:
    """The running platform, seen by its back door."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.versions_url, self.token_a = f"{self.url}/ocpi/versions", "foreign-token-a"

    def inside(self) -> dict[str, Any]:
        """What it knows."""
        found: dict[str, Any] = httpx2.get(f"{self.url}/_/inside", timeout=10, trust_env=False).json()
        return found

    def does(self, what: str, body: Any = None) -> Any:
        """Have it do something."""
        return httpx2.post(f"{self.url}/_/{what}", json=body, timeout=20, trust_env=False).json()


@contextmanager
def extrawest(role: str) -> Iterator[Foreign]:
    """extrawest-ocpi as BE-EXW in one role (CPO or EMSP), in a process of its own."""
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "OCPI_HOST": f"127.0.0.1:{port}",
        "PROTOCOL": "http",
        # It writes the address that it pushes to without a slash of its own behind our endpoint.
        "COUNTRY_CODE": "/BE",
        "PARTY_ID": "EXW",
        "COMMAND_AWAIT_TIME": "1",
    }
    with tempfile.TemporaryFile("w+") as console:
        process = subprocess.Popen(
            [str(foreign_python()), str(SCRIPT), str(port), role],
            env=environment,
            cwd=tempfile.gettempdir(),
            stdout=console,
            stderr=console,
        )
        try:
            foreign = Foreign(port)
            eventually(lambda: _answers(foreign, process), timeout=30)
            yield foreign
        finally:
            process.terminate()
            process.wait(timeout=10)


def _answers(foreign: Foreign, process: "subprocess.Popen[bytes]") -> bool:
    assert process.poll() is None, "extrawest-ocpi ended early"
    try:
        return bool(foreign.inside())
    except httpx2.HTTPError:
        return False
