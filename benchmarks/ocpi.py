"""`python -m benchmarks.ocpi`: partners read 100,000 CDRs, register all at once, and get what waits for them.

Beside each figure stands a request that does nothing.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import psycopg

from benchmarks.database import fresh_database
from benchmarks.measure import measure
from benchmarks.partner import TOKEN_B
from benchmarks.rest import shell
from benchmarks.run import HEAD, line_of, redis_url, say
from benchmarks.servers import ROOT, Platform
from benchmarks.telling import spread

PARTS = ("cdrs", "registrations", "drain", "slow")
PAGE_GOAL_MS, DRAIN_GOAL_SECONDS, BESIDE_GOAL_MS = 100.0, 300.0, 5000.0
ADDRESSES = {"2.1.1": "/ocpi/cpo/2.1.1", "2.2.1": "/ocpi/2.2.1", "2.3.0": "/ocpi/2.3.0"}
CROWDS = (10, 100)


def options() -> argparse.Namespace:
    """What can be chosen."""
    parser = argparse.ArgumentParser(description="OCPI on PostgreSQL.")
    parser.add_argument("--server", choices=("daphne", "uvicorn"), default="daphne")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--cdrs", type=int, default=100_000)
    parser.add_argument("--backlog", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=5.0, help="measured time of each list")
    parser.add_argument("--warmup", type=float, default=1.0)
    return parser.parse_args()


@contextmanager
def partner(folder: Path) -> Iterator[str]:
    """A partner that answers; its address."""
    command = [sys.executable, "-m", "benchmarks.partner", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"https://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.kill()


def main() -> int:
    """Run and print; 0 where every goal was met."""
    args = options()
    say(HEAD)
    try:
        with fresh_database() as url, tempfile.TemporaryDirectory() as folder, partner(Path(folder)) as peer:
            server = Platform(url, redis_url(), args.server)
            server.environment().update(
                OCPI_BASE_URL=server.http_url,
                EGRESS_ALLOW_HOSTS="127.0.0.1",
                SSL_CERT_FILE=f"{folder}/ca.pem",
                OCPI_PARTNER_REQUESTS_PER_MINUTE="0",
            )
            server.run("manage.py", "migrate", "--verbosity=0")
            say(f"{args.cdrs} CDRs are made ...")
            call = f"main({args.cdrs}, {sum(CROWDS)}, '{peer}')"
            seed = shell(server, f"from benchmarks.ocpi_seed import main; {call}")
            return int(not all(list(run(server, args, seed, peer))))
    except psycopg.OperationalError as error:
        say(f"PostgreSQL is needed (BENCH_DATABASE_URL): {str(error).splitlines()[0]}")
        return 1


def run(server: Platform, args: argparse.Namespace, seed: dict[str, Any], peer: str) -> Iterator[bool]:
    """Each part that was chosen; whether it met its goal."""
    wanted = set(args.only)
    if wanted & {"cdrs", "registrations"}:
        with server:
            if "cdrs" in wanted:
                yield from pages(server, args, seed["headers"])
            if "registrations" in wanted:
                yield from registrations(server, seed["tokens_a"], peer)
    if "drain" in wanted:
        yield drain(server, seed["partners"]["DRN"], args.backlog)
    if "slow" in wanted:
        yield from slow(server, seed["partners"])


def pages(server: Platform, args: argparse.Namespace, headers: dict[str, str]) -> Iterator[bool]:
    """A page of 100 CDRs at the start, in the middle and at the end of the list, in each version."""
    job = {"kind": "http", "workers": 1, "seconds": args.seconds, "warmup": args.warmup}
    ids = {"X-Request-ID": "bench", "X-Correlation-ID": "bench"}
    plain = job | {"url": f"{server.http_url}/api/health", "headers": {}}
    say(line_of(measure("no-op request", server, plain)))
    for version, base in ADDRESSES.items():
        for offset in (0, args.cdrs // 2, args.cdrs - 100):
            url = f"{server.http_url}{base}/sender/cdrs?limit=100&offset={offset}"
            asked = job | {"url": url, "headers": ids | {"Authorization": headers[version]}}
            asked["says"] = '"status_code":1000'
            name = f"{version} from {offset}"
            found = measure(name, server, asked)
            say(line_of(found))
            yield judged(name, "p95", found.p95_ms, PAGE_GOAL_MS) and not found.errors


def registrations(server: Platform, tokens: list[str], peer: str) -> Iterator[bool]:
    """Whole handshakes at the same moment: versions, details, credentials, and our look at the peer."""
    for crowd in CROWDS:
        mine = [(tokens.pop(), f"{len(tokens):03d}") for _ in range(crowd)]
        with ThreadPoolExecutor(crowd) as pool:
            idle = list(pool.map(lambda _: timed(lambda: _nothing(server)), range(crowd)))
            began = time.monotonic()
            told = list(pool.map(lambda each: timed(lambda: _registers(server, peer, *each)), mine))
        say(f"{crowd:>4} at once, no-op  {shown([seconds for seconds, _ in idle])}")
        good = sum(done for _, done in told)
        say(
            f"{crowd:>4} registrations   {shown([seconds for seconds, _ in told])}"
            f"  all after {time.monotonic() - began:.1f} s, {good} of {crowd} succeeded"
        )
        yield good == crowd


def timed(work: Any) -> tuple[float, bool]:
    """Seconds and success."""
    began = time.perf_counter()
    done = bool(work())
    return time.perf_counter() - began, done


def _nothing(server: Platform) -> bool:
    with httpx2.Client(timeout=120) as client:
        return all(client.get(f"{server.http_url}/api/health").is_success for _ in range(3))


def _registers(server: Platform, peer: str, token: str, party: str) -> bool:
    headers = {"Authorization": f"Token {token}", "X-Request-ID": "bench", "X-Correlation-ID": "bench"}
    role = {"role": "EMSP", "country_code": "FR", "party_id": party, "business_details": {"name": party}}
    body = {"token": f"{TOKEN_B}-{party}", "url": f"{peer}/0/{party}/versions", "roles": [role]}
    with httpx2.Client(headers=headers, timeout=120) as client:
        listed = client.get(f"{server.http_url}/ocpi/versions").json()["data"]
        details = next(item["url"] for item in listed if item["version"] == "2.2.1")
        points = client.get(details).json()["data"]["endpoints"]
        url = next(item["url"] for item in points if item["identifier"] == "credentials")
        return bool(client.post(url, json=body).json()["status_code"] == 1000)


def drain(server: Platform, partner_id: int, count: int) -> bool:
    """A backlog and one worker; the partner takes 20 ms for each."""
    told = shell(server, f"from benchmarks.ocpi_work import drain; drain({partner_id}, {count})")
    seconds = told["seconds"]
    say(f"{count} CDRs drained: {count / seconds:.0f} a second, {told['cpu_seconds']:.0f} s of CPU")
    return judged("drain", "time in seconds", seconds, DRAIN_GOAL_SECONDS) and not told["left"]


def slow(server: Platform, partners: dict[str, int]) -> Iterator[bool]:
    """News for a partner alone, then beside one that answers after 10 s and one that is down."""
    for name, others in (("alone", []), ("beside", [partners["SLO"], partners["OFF"]])):
        call = f"beside({partners['GUT' if others else 'ONE']}, {others}, 200, 30.0)"
        told = shell(server, f"from benchmarks.ocpi_work import beside; {call}")
        say(
            f"push {name}: p50 {told['p50_ms']:.0f} ms, p95 {told['p95_ms']:.0f} ms, {told['count']:.0f} CDRs"
        )
        yield judged(f"push {name}", "p95", told["p95_ms"], BESIDE_GOAL_MS)


def shown(seconds: list[float]) -> str:
    """A spread in words."""
    told = spread(seconds)
    return f"p50 {told['p50_ms']:6.0f} ms  p95 {told['p95_ms']:6.0f} ms"


def judged(name: str, what: str, found: float, goal: float) -> bool:
    """Print how a figure compares with its goal."""
    met = found <= goal
    say(f"{name}: {what} {found:.1f} (goal {goal:.0f}): {'goal met' if met else 'GOAL MISSED'}")
    return met


if __name__ == "__main__":
    sys.exit(main())
