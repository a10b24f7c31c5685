"""`python -m benchmarks.run`: the platform on PostgreSQL against a reference without database, in one run."""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from redis import Redis
from redis.exceptions import RedisError

from benchmarks import prices
from benchmarks.database import fresh_database
from benchmarks.exports import export_figures
from benchmarks.limits import raise_open_files
from benchmarks.measure import Result, idle_bytes, measure
from benchmarks.servers import BARE, REGISTRY_HOST, Bare, Platform, Reference, Server

SCRIPTS = ("heartbeat", "meter", "session")
SESSION_2 = "session 2.0.1"
REGISTRATIONS = 50_000
SPARE_FILES = 200
GOALS = {
    "daphne": {"heartbeat": 0.5, "meter": 0.35, "session": 0.35},
    "uvicorn": {"heartbeat": 0.5, "meter": 0.15, "session": 0.15},
}
"""CPU per message of the reference's, by server."""
GOAL_2 = 1.3
"""A session of 2.0.1, of one of 1.6 on the same platform."""
GOAL_IDLE = 2.0
"""Memory of an idle connection, of a bare consumer's on the same server."""
COLUMNS = ("msg/s", "msg/CPU-s", "CPU us", "p50 ms", "p95 ms", "p99 ms", "errors")
HEAD = f"{'scenario':<24} {'server':<10} " + " ".join(f"{name:>9}" for name in COLUMNS)


def options() -> argparse.Namespace:
    """What can be chosen."""
    parser = argparse.ArgumentParser(description="Benchmarks of the OCPP and the Registry path.")
    parser.add_argument("--server", choices=("daphne", "uvicorn"), default="daphne")
    parser.add_argument("--connections", type=int, default=200)
    parser.add_argument("--storm", type=int, default=1000, help="connections that come at the same moment")
    parser.add_argument("--idle", type=int, default=5000, help="connections that only stay open")
    parser.add_argument("--dashboards", type=int, default=1000, help="live sockets that hear of changes")
    parser.add_argument("--orders", type=int, default=200, help="orders from REST to a socket")
    parser.add_argument("--rate", type=float, default=100.0, help="messages per second at the fixed rate")
    parser.add_argument("--seconds", type=float, default=6.0, help="measured time of each scenario")
    parser.add_argument("--warmup", type=float, default=2.0)
    parser.add_argument("--only", nargs="*", default=[], help="scenarios to run (default: all)")
    parser.add_argument("--json", metavar="FILE", help="write the figures there as well")
    return parser.parse_args()


class Run:
    """One run of all chosen scenarios; keeps and prints the results."""

    def __init__(self, args: argparse.Namespace, storm: int, idle: int) -> None:
        self.args, self.storm, self.idle = args, storm, idle
        self.results: list[Result] = []
        self.extras: dict[str, float] = {}
        self.times = {"seconds": args.seconds, "warmup": args.warmup}

    def wanted(self, scenario: str) -> bool:
        """Whether the scenario was chosen."""
        return not self.args.only or scenario in self.args.only

    def add(self, scenario: str, server: Server, job: dict[str, Any]) -> None:
        """Measure one scenario and print its line."""
        if self.wanted(scenario):
            result = measure(scenario, server, job | self.times)
            self.results.append(result)
            say(line_of(result))

    def messages(self, server: Server, chargers: list[list[str]]) -> None:
        """The OCPP scenarios that run on all servers."""
        job = {"kind": "messages", "url": server.ws_url, "chargers": chargers[: self.args.connections]}
        for script in SCRIPTS:
            self.add(script, server, job | {"script": script})

    def fixed_rate(self, server: Server, chargers: list[list[str]]) -> None:
        """Meter values at a rate that must hold."""
        job = {"kind": "messages", "url": server.ws_url, "chargers": chargers[: self.args.connections]}
        self.add("meter at fixed rate", server, job | {"script": "meter", "rate": self.args.rate})

    def memory(self, server: Server, chargers: list[list[str]]) -> None:
        """What an idle connection costs."""
        if self.wanted("idle"):
            job = {"kind": "idle", "url": server.ws_url, "chargers": chargers[: self.idle]}
            cost = idle_bytes(server, job) / 1024
            self.extras[f"idle_kib_{server.name}"] = cost
            say(f"{'idle connection':<24} {server.name:<10} {cost:9.1f} KiB each, {self.idle} connections")

    def platform(self, server: Platform, seed: dict[str, Any]) -> None:
        """Everything on the platform, memory while it is fresh, then HTTP."""
        chargers = seed["charge_points"]
        self.prices(server)
        self.memory(server, chargers)
        job = {"kind": "http", "url": f"{server.http_url}/api/health", "workers": 10, "headers": {}}
        self.add("no-op request", server, job)
        register = {
            "url": f"{server.http_url}/cp/register",
            "headers": {"Host": REGISTRY_HOST},
            "enrolment_token": seed["enrolment_token"],
        }
        self.add("register", server, job | register)
        storm = {"kind": "storm", "url": server.ws_url, "chargers": chargers[: self.storm]}
        self.add("storm", server, storm)
        self.messages(server, chargers)
        self.fixed_rate(server, chargers)
        newer = {"kind": "messages", "url": server.ws_url, "chargers": chargers[: self.args.connections]}
        self.add(SESSION_2, server, newer | {"script": "session", "version": "2.0.1"})
        self.live(server, seed)

    def live(self, server: Platform, seed: dict[str, Any]) -> None:
        """Changes of charge points to the last of many dashboards of one process."""
        job = {
            "kind": "live",
            "url": server.ws_url,
            "dashboard": server.ws_url.rpartition("/")[0],
            "chargers": seed["charge_points"][:100],
            "tokens": seed["tokens"],
            "sockets": self.args.dashboards,
            "rate": self.args.rate,
        }
        self.add("change to last dashboard", server, job)

    def export(self, server: Platform, seed: dict[str, Any]) -> None:
        """A long export, and what it does to others."""
        if self.wanted("export"):
            figures = export_figures(server, seed["tokens"][0])
            self.extras |= {f"export_{name}": value for name, value in figures.values().items()}
            for text in figures.lines():
                say(text)

    def prices(self, server: Platform) -> None:
        """What rating costs, in a process of its own."""
        if self.wanted("prices"):
            found = json.loads(
                server.run("manage.py", "shell", "--no-imports", "--verbosity=0", "--command", prices.CODE)
            )
            self.extras |= found
            for text in prices.price_lines(found):
                say(text)

    def orders(self, server: Platform, beside: Platform, seed: dict[str, Any]) -> None:
        """From REST at one process to the frame at another, while the rate of meter values goes on."""
        job = {
            "kind": "orders",
            "url": server.ws_url,
            "api": beside.http_url,
            "chargers": seed["charge_points"][:100],
            "tokens": seed["tokens"],
            "rate": self.args.rate,
            "orders": self.args.orders,
            "pause": 0.06,
        }
        self.add("order, REST to frame", server, job)


def say(text: str) -> None:
    """A line for the reader, at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def line_of(result: Result) -> str:
    """A result as a row under HEAD."""
    return (
        f"{result.scenario:<24} {result.server:<10} {result.per_second:9.0f} {result.per_cpu_second:9.0f} "
        f"{result.cpu_us:9.0f} {result.p50_ms:9.1f} {result.p95_ms:9.1f} {result.p99_ms:9.1f} "
        f"{result.errors:9d}"
    )


def ratios(results: list[Result]) -> Iterator[str]:
    """The platform's CPU per message, of the reference's and of that of a consumer that only answers."""
    cost = {(result.server, result.scenario): result.cpu_us for result in results}
    for result in results:
        base = cost.get((Reference.name, result.scenario))
        noop = cost.get((f"{BARE} {result.server}", result.scenario))
        if not (base and noop and result.scenario in SCRIPTS):
            continue
        ratio, least = result.cpu_us / base, noop / base
        told = verdict(ratio, GOALS[result.server][result.scenario])
        yield f"{result.scenario:<22} CPU per message {ratio:.2f} of the reference {told}"
        yield f"{'':<22} {ratio / least:.2f} of a consumer that only answers ({least:.2f} of the reference)"
    own = {result.scenario: result for result in results if result.server in GOALS}
    if {"session", SESSION_2} <= own.keys():
        ratio = own[SESSION_2].cpu_us / own["session"].cpu_us
        yield f"{SESSION_2:<22} CPU per message {ratio:.2f} of one of 1.6 {verdict(ratio, GOAL_2)}"


def verdict(ratio: float, goal: float) -> str:
    """Whether a goal is met, in words."""
    return f"(goal {goal}): {'goal met' if ratio <= goal else 'GOAL MISSED'}"


@contextmanager
def platform_of(args: argparse.Namespace, run: Run, count: int) -> Iterator[tuple[Platform, dict[str, Any]]]:
    """The platform on a database of its own, seeded."""
    with fresh_database() as url:
        server = Platform(url, redis_url(), args.server)
        server.run("manage.py", "migrate", "--verbosity=0")
        code = f"from benchmarks.seed import main; main({count}, {REGISTRATIONS})"
        seed = json.loads(
            server.run("manage.py", "shell", "--no-imports", "--verbosity=0", "--command", code)
        )
        with server:
            yield server, seed
            if run.wanted("order, REST to frame"):
                with Platform(url, redis_url(), args.server, beside=server) as beside:
                    run.orders(server, beside, seed)


def redis_url() -> str:
    """A Redis for channel layer and broker, where there is one; the in-process layer otherwise."""
    url = os.environ.get("BENCH_REDIS_URL") or os.environ.get("TEST_REDIS_URL") or "redis://127.0.0.1:6379/0"
    try:
        with Redis.from_url(url, socket_connect_timeout=1) as redis:
            redis.ping()
    except RedisError:
        say("No Redis: the channel layer is in process.")
        return ""
    return url


def main() -> int:
    """Run and print; 0 where every chosen scenario ran without an error."""
    args = options()
    files = raise_open_files(max(args.storm, args.idle, args.dashboards + 100) + SPARE_FILES)
    storm, idle = min(args.storm, files - SPARE_FILES), min(args.idle, files - SPARE_FILES)
    if (storm, idle) != (args.storm, args.idle):
        say(f"Open files are limited to {files}: storm with {storm} connections, idle with {idle}.")
    run = Run(args, storm, idle)
    count = max(args.connections, storm, idle)
    say(HEAD)
    try:
        with platform_of(args, run, count) as (server, seed):
            run.platform(server, seed)
            run.export(server, seed)
    except psycopg.OperationalError as error:
        say(f"PostgreSQL is needed (BENCH_DATABASE_URL): {str(error).splitlines()[0]}")
        return 1
    strangers = [[f"BENCH-{number:05d}", "secret"] for number in range(count)]
    with Reference() as reference:
        run.messages(reference, strangers)
        run.fixed_rate(reference, strangers)
    with Bare(args.server) as bare:
        run.memory(bare, strangers)
        run.messages(bare, strangers)
    for text in ratios(run.results):
        say(text)
    if args.json:
        write(args.json, run)
    return int(any(result.errors for result in run.results))


def write(path: str, run: Run) -> None:
    """The figures as JSON."""
    rows = [
        {
            name: getattr(result, name)
            for name in (*Result.__slots__, "per_second", "per_cpu_second", "cpu_us")
        }
        for result in run.results
    ]
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"results": rows, "extras": run.extras}, file, indent=2)


if __name__ == "__main__":
    sys.exit(main())
