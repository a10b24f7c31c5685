"""Exports: a million meter values as CSV, the server's memory meanwhile, a no-op request beside it."""

import threading
import time
from dataclasses import asdict, dataclass
from statistics import quantiles

import httpx2

from benchmarks.servers import Platform

ROWS = 1_000_000
SECONDS, MIB = 60.0, 200.0
"""The goals: time, and growth of the server's resident memory."""
PATH = "/api/exports/meter-values.csv"
SAMPLE_SECONDS = 0.05
STALL_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class ExportFigures:
    """What one export took; memory in MiB beyond what the server had before it."""

    rows: int
    mib: float
    seconds: float
    first_seconds: float
    growth_mib: float
    stalled_mib: float
    cpu_seconds: float
    noop_alone_ms: float
    noop_beside_ms: float

    def values(self) -> dict[str, float]:
        """By name."""
        return asdict(self)

    def lines(self) -> list[str]:
        """For a reader."""
        met = self.rows >= ROWS and self.seconds <= SECONDS and self.growth_mib <= MIB
        return [
            f"export of {self.rows:,} meter values: {self.mib:.0f} MiB in {self.seconds:.1f} s, first byte "
            f"after {self.first_seconds * 1000:.0f} ms, {self.cpu_seconds:.1f} s of CPU, memory "
            f"+{self.growth_mib:.1f} MiB, +{self.stalled_mib:.1f} MiB for a client that stops reading "
            f"(goals {SECONDS:.0f} s, {MIB:.0f} MiB): {'goals met' if met else 'GOALS MISSED'}",
            f"no-op request, p95: {self.noop_alone_ms:.1f} ms alone, {self.noop_beside_ms:.1f} ms beside it",
        ]


class Watch:
    """Samples the server's memory and asks it for nothing, until told to end."""

    def __init__(self, server: Platform) -> None:
        self.server, self.peak, self.times = server, 0, list[float]()
        self._end = threading.Event()
        self._threads = [threading.Thread(target=run) for run in (self._memory, self._noop)]

    def __enter__(self) -> "Watch":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join()

    def p95_ms(self) -> float:
        """Of the no-op requests."""
        return quantiles(self.times, n=20)[-1] * 1000 if len(self.times) > 1 else 0.0

    def _memory(self) -> None:
        while not self._end.wait(SAMPLE_SECONDS):
            self.peak = max(self.peak, self.server.memory_bytes())

    def _noop(self) -> None:
        with httpx2.Client(base_url=self.server.http_url, timeout=30) as client:
            while not self._end.wait(SAMPLE_SECONDS):
                begin = time.perf_counter()
                client.get("/api/health").raise_for_status()
                self.times.append(time.perf_counter() - begin)


def export_figures(server: Platform, token: str) -> ExportFigures:
    """Seed, warm up with an empty export, then the whole table once."""
    code = f"from benchmarks.meter_values import main; main({ROWS})"
    server.run("manage.py", "shell", "--no-imports", "--verbosity=0", "--command", code)
    _download(server, token, "?charge_point=nobody")
    with Watch(server) as alone:
        time.sleep(3)
    before, cpu = server.memory_bytes(), server.cpu_seconds()
    with Watch(server) as beside:
        begin = time.perf_counter()
        lines, size, first = _download(server, token)
        seconds = time.perf_counter() - begin
    cpu = server.cpu_seconds() - cpu
    stalled = _stall(server, token)
    return ExportFigures(
        rows=lines - 1,
        mib=size / 2**20,
        seconds=seconds,
        first_seconds=first,
        growth_mib=max(0, beside.peak - before) / 2**20,
        stalled_mib=stalled / 2**20,
        cpu_seconds=cpu,
        noop_alone_ms=alone.p95_ms(),
        noop_beside_ms=beside.p95_ms(),
    )


def _stall(server: Platform, token: str) -> int:
    """How many bytes the server grows by while a client takes the beginning and then nothing."""
    headers = {"Authorization": f"Bearer {token}"}
    before = server.memory_bytes()
    with (
        Watch(server) as watch,
        httpx2.stream("GET", f"{server.http_url}{PATH}", headers=headers, timeout=120) as answer,
    ):
        next(answer.iter_raw())
        time.sleep(STALL_SECONDS)
    return max(0, watch.peak - before)


def _download(server: Platform, token: str, query: str = "") -> tuple[int, int, float]:
    """Lines, bytes, seconds until the first of them."""
    lines = size = 0
    first = 0.0
    begin = time.perf_counter()
    headers = {"Authorization": f"Bearer {token}"}
    with httpx2.stream("GET", f"{server.http_url}{PATH}{query}", headers=headers, timeout=120) as answer:
        answer.raise_for_status()
        for part in answer.iter_bytes():
            first = first or time.perf_counter() - begin
            size += len(part)
            lines += part.count(b"\n")
    return lines, size, first
