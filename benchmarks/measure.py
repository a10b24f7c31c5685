"""One measurement: a load process beside a server, and the server's CPU time between its two lines."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from benchmarks.servers import ROOT, Server


@dataclass(frozen=True, slots=True)
class Result:
    """What a scenario gave; times in milliseconds, CPU in seconds of the server."""

    scenario: str
    server: str
    count: int
    seconds: float
    cpu_seconds: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    errors: int

    @property
    def per_second(self) -> float:
        """Messages per second."""
        return self.count / self.seconds if self.seconds else 0.0

    @property
    def cpu_us(self) -> float:
        """Microseconds of the server's CPU per message."""
        return self.cpu_seconds / self.count * 1e6 if self.count else 0.0

    @property
    def per_cpu_second(self) -> float:
        """Messages per second of the server's CPU."""
        return self.count / self.cpu_seconds if self.cpu_seconds else 0.0


class Load:
    """The load process; `events` are its lines."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def wait_for(self, event: str) -> dict[str, Any]:
        """The next line, which must be `event`; raises RuntimeError."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the load generator ended early; see its lines above")
        told: dict[str, Any] = json.loads(line)
        if told["event"] != event:
            raise RuntimeError(f"{told['event']} instead of {event}")
        return told

    def say(self, line: str) -> None:
        """Write a line to it."""
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()


@contextmanager
def load(job: dict[str, Any]) -> Iterator[Load]:
    """A running load process with its job."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.load"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        running = Load(process)
        running.say(json.dumps(job))
        yield running
        process.wait(timeout=60)
    finally:
        process.kill()
        process.wait()


def measure(scenario: str, server: Server, job: dict[str, Any]) -> Result:
    """Run a job against a server."""
    with load(job) as running:
        running.wait_for("begin")
        before = server.cpu_seconds()
        end = running.wait_for("end")
        used = server.cpu_seconds() - before
    return Result(
        scenario=scenario,
        server=server.name,
        count=int(end["count"]),
        seconds=end["seconds"],
        cpu_seconds=used,
        p50_ms=end["p50_ms"],
        p95_ms=end["p95_ms"],
        p99_ms=end["p99_ms"],
        errors=int(end["errors"]),
    )


def idle_bytes(server: Server, job: dict[str, Any]) -> float:
    """Resident memory per connection that does nothing."""
    before = server.memory_bytes()
    with load(job) as running:
        running.wait_for("connected")
        used = server.memory_bytes() - before
        running.say("done")
        running.wait_for("end")
    return used / len(job["chargers"])
