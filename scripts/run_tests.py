"""Runs the checks and the tests and says what it runs.

The tests run on SQLite, and once more on PostgreSQL and Redis where TEST_DATABASE_URL/DATABASE_URL,
TEST_REDIS_URL/REDIS_URL or servers of this machine are found. REQUIRE_SERVICES=1: their absence is a failure.
"""

import argparse
import os
import secrets
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scripts.service_urls import postgres_url, redis_url

ROOT = Path(__file__).resolve().parent.parent
TOOLS = Path(sys.executable).parent
REQUIRED = os.environ.get("REQUIRE_SERVICES") == "1"


@dataclass(frozen=True, slots=True)
class Step:
    """One command; `env` is laid over the environment."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)


def main() -> int:
    """Run the parts asked for, all of them to their end; 1 where any step failed."""
    options = arguments()
    found = services() if "services" in options.parts else {}
    with tempfile.TemporaryDirectory(prefix="emobility-check-") as scratch:
        steps = plan(options, found, Path(scratch))
        failed = [step.name for step in steps if not run(step)]
    if "services" in options.parts:
        absent = [name for name in ("PostgreSQL", "Redis") if name not in found]
        for name in absent:
            print(f"{name} was not found: the tests that need it were skipped.")
        failed += absent if REQUIRED else []
    print(f"\nFailed: {', '.join(failed)}" if failed else "\nAll green.", flush=True)
    return 1 if failed else 0


def arguments() -> argparse.Namespace:
    """What to run."""
    parser = argparse.ArgumentParser(description="Runs the checks and the tests.")
    parser.add_argument("parts", nargs="*", default=["lint", "deploy", "sqlite", "services"])
    parser.add_argument(
        "-m", dest="marks", default="", metavar="EXPRESSION", help="choose tests by their marks"
    )
    parser.add_argument("--coverage", action="store_true", help="measure the run on SQLite; report as HTML")
    return parser.parse_args()


def plan(options: argparse.Namespace, found: Mapping[str, str], scratch: Path) -> list[Step]:
    """The steps in their order."""
    steps: list[Step] = []
    if "lint" in options.parts:
        steps += lint()
    if "deploy" in options.parts:
        steps += deploy(scratch)
    if "sqlite" in options.parts:
        steps.append(on_sqlite(options, follow="PostgreSQL" in found))
    if found:
        steps.append(on_services(options, found))
    return steps


def lint() -> list[Step]:
    """Form, faults, directions of imports, types."""
    return [
        Step("form", [tool("ruff"), "format", "--check", "--quiet", "."]),
        Step("faults", [tool("ruff"), "check", "--quiet", "."]),
        Step("directions of imports", [tool("lint-imports"), "--no-logo"]),
        # The types of models come from the settings, which need no secret in development.
        Step("types", [tool("mypy")], {"ENV_FILE": os.devnull, "DEBUG": "true", "HOST": "127.0.0.1"}),
    ]


def deploy(scratch: Path) -> list[Step]:
    """Django's own checks with the settings of a production installation, and missing migrations."""
    env = production(scratch)
    manage = [sys.executable, "manage.py"]
    return [
        Step("checks for production", [*manage, "check", "--deploy", "--fail-level", "WARNING"], env),
        Step("missing migrations", [*manage, "makemigrations", "--check", "--dry-run"], env),
    ]


def on_sqlite(options: argparse.Namespace, *, follow: bool = False) -> Step:
    """The tests without any service; where PostgreSQL's `follow`, without what any database answers alike."""
    measured = ["--cov", "--cov-report=html", "--cov-report=term:skip-covered"] if options.coverage else []
    env = {"TEST_DATABASE_URL": "", "TEST_REDIS_URL": "", "TEST_ONLY_SERVICES": "", "REQUIRE_SERVICES": ""}
    env["TEST_SERVICES_FOLLOW"] = "1" if follow else ""
    return Step("tests on SQLite", pytest(options.marks, *measured), env)


def on_services(options: argparse.Namespace, found: Mapping[str, str]) -> Step:
    """The tests on the services that were found; what ran already and cannot differ is not run twice."""
    once = "not browser" if "sqlite" in options.parts else ""
    marks = " and ".join(f"({part})" for part in (once, options.marks) if part)
    env = {
        "TEST_DATABASE_URL": found.get("PostgreSQL", ""),
        "TEST_REDIS_URL": found.get("Redis", ""),
        "TEST_ONLY_SERVICES": "1" if "sqlite" in options.parts else "",
        "TEST_SERVICES_FOLLOW": "",
        "REQUIRE_SERVICES": "1" if REQUIRED else "",
    }
    return Step(f"tests on {' and '.join(found)}", pytest(marks), env)


def services() -> dict[str, str]:
    """Addresses by name of the services that answer."""
    found = {"PostgreSQL": postgres_url(), "Redis": redis_url()}
    return {name: url for name, url in found.items() if url}


def pytest(marks: str, *more: str) -> list[str]:
    """The command line of a test run: one process more than processors, for many tests wait for others."""
    shared = ["-n", str(min(4, (os.cpu_count() or 1) + 1)), "--dist", "worksteal"]
    return [tool("pytest"), "-q", *shared, *(["-m", marks] if marks else []), *more]


def production(scratch: Path) -> dict[str, str]:
    """The environment of a production installation, with secrets for this once."""
    names = ("SECRET_KEY", "REGISTRY_SECRET_KEY", "API_JWT_KEY", "CREDENTIAL_PEPPER", "TOKEN_HMAC_SECRET")
    return {name: secrets.token_hex(32) for name in names} | {
        "ENV_FILE": os.devnull,
        "DEBUG": "false",
        "HOST": "0.0.0.0",  # noqa: S104 -- nothing listens: the checks judge the settings of a container
        "ALLOWED_HOSTS": "platform.example.com",
        "OCPI_BASE_URL": "https://platform.example.com",
        "FIELD_ENCRYPTION_KEYS": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
        "TRUSTED_PROXIES": "10.0.0.1",
        "VAR_DIR": str(scratch),
        "DATABASE_URL": f"sqlite:///{scratch / 'check.sqlite3'}",
        "REDIS_URL": "",
        "REGISTRY_OPEN_REGISTRATION": "",
        "EGRESS_ALLOW_HTTP": "",
    }


def run(step: Step) -> bool:
    """Run one step, telling what and how long."""
    shown = shlex.join([Path(step.command[0]).name, *step.command[1:]])
    print(f"\n==> {step.name}: {shown}", flush=True)
    start = time.monotonic()
    code = subprocess.run(step.command, cwd=ROOT, env=os.environ | step.env, check=False).returncode
    print(f"    {'ok' if code == 0 else f'FAILED ({code})'}, {time.monotonic() - start:.0f} s", flush=True)
    return code == 0


def tool(name: str) -> str:
    """A tool of this environment."""
    return str(TOOLS / name)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
