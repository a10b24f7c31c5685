"""`make campaign`: the long tests of endurance, each in a process of its own, and a table of what they saw.

RUNS=short (the default) takes minutes, RUNS=full hours: the counts of docs/reliability.md. ONLY=F1,F3
chooses, SEED moves all seeds. PostgreSQL and Redis are used where they are found; whoever kills them has its
own.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from scripts.service_urls import postgres_url, redis_url

ROOT = Path(__file__).resolve().parent.parent
SIDE_BY_SIDE = {"short": 3, "full": 1}
"""Campaigns at the same time: short ones mostly wait, whole ones are to have the machine for themselves."""


@dataclass(frozen=True, slots=True)
class Campaign:
    """Tests that are one campaign; `services`: on PostgreSQL and Redis where they are found."""

    name: str
    title: str
    tests: Sequence[str]
    services: bool = False


@dataclass(slots=True)
class Outcome:
    """What a campaign did; `runs` as its tests counted them."""

    campaign: Campaign
    runs: int = 0
    violations: int = 0
    skipped: int = 0
    seconds: float = 0.0
    lines: list[dict[str, Any]] = field(default_factory=list)


STORMS, OUTAGES = "tests/conformance/test_storms.py", "tests/journeys/test_outages.py"
HOSTILE, REPLAY = "tests/journeys/test_hostile.py", "tests/journeys/test_replay.py"
OCPI = "tests/ocpi"
FAULTS = f"{OCPI}/test_outbox_faults.py"
F5 = (
    "test_f5_a_partner_that_is_down_is_probed_now_and_then",
    "test_f5_others_have_theirs_within_five_seconds",
    "test_f5_a_cdr_arrives_once_whatever_the_first_answer_was",
)
CAMPAIGNS = (
    # The longest of the short ones, which only waits, goes first.
    Campaign("F16", "half-open links", [f"{HOSTILE}::TestSilence"]),
    Campaign(
        "T2",
        "handshakes for a connected id",
        [f"{HOSTILE}::test_t2_attempts_without_the_secret_never_disturb"],
    ),
    Campaign(
        "T3", "stale closes", [f"{HOSTILE}::test_t3_a_stale_close_takes_nothing_from_the_newer_connection"]
    ),
    Campaign("T4", "floods of guesses", [f"{HOSTILE}::test_t4_a_flood_of_guesses_locks_nobody_out"]),
    Campaign(
        "T6", "foreign numbers", [f"{STORMS}::test_t6_numbers_of_another_charge_point_change_nothing_there"]
    ),
    Campaign("T11", "mutated frames", [f"{HOSTILE}::test_t11_no_frame_stops_the_service"]),
    Campaign("T12", "floods, large and unread frames", ["tests/journeys/test_flow.py"]),
    Campaign(
        "T15", "addresses that lead inside", [f"{OCPI}/test_forbidden_addresses.py", f"{OCPI}/test_egress.py"]
    ),
    Campaign(
        "T17",
        "OCPI tokens",
        [
            f"{OCPI}/test_transport.py::test_t17_which_token_opens_what",
            f"{OCPI}/test_handshake.py::test_t17_token_a_is_used_up_once_by_fifty_parallel_posts",
        ],
    ),
    Campaign("T18", "writes in another's name", [f"{OCPI}/test_party_spoofing.py"]),
    Campaign("F1", "kill -9", ["tests/journeys/test_kill.py"], services=True),
    Campaign("F2", "PostgreSQL taken away", [f"{OUTAGES}::test_f2_postgres_is_restarted_under_load"]),
    Campaign("F3", "Redis taken away", [f"{OUTAGES}::test_f3_redis_is_taken_away_under_load"], services=True),
    Campaign("F4", "workers killed while they push", [f"{OCPI}/test_worker_kill.py"], services=True),
    Campaign("F5", "partners that are down or talk nonsense", [f"{FAULTS}::{name}" for name in F5]),
    Campaign("F6", "lost answers", [f"{FAULTS}::test_f6_ambiguous_posts_leave_no_second_cdr"]),
    Campaign(
        "F7",
        "a day of offline replay",
        [f"{REPLAY}::test_f7_a_day_offline_is_history_like_news"],
        services=True,
    ),
    Campaign("F8", "repeats and any order", [f"{STORMS}::test_f8_repeats_in_any_order_change_nothing"]),
    Campaign("F9", "gaps", [f"{STORMS}::test_f9_gaps_are_waited_for_and_flagged"]),
    Campaign("F17", "disk full", [f"{OUTAGES}::test_f17_the_databases_disk_is_full"]),
    Campaign("F18", "first contacts at once", ["tests/central/actions/test_concurrency.py"], services=True),
    Campaign(
        "F19", "SIGTERM under load", [f"{OUTAGES}::test_f19_a_server_is_replaced_under_load"], services=True
    ),
    Campaign("F20", "held rows", [f"{REPLAY}::test_f20_a_held_row_stops_one_charge_point_only"]),
)


def main() -> int:
    """Run what was asked for; 1 where anything was violated."""
    scale, only = (
        os.environ.get("RUNS") or "short",
        os.environ.get("ONLY", "").upper().replace(",", " ").split(),
    )
    known = {campaign.name for campaign in CAMPAIGNS}
    if scale not in SIDE_BY_SIDE or set(only) - known:
        print(f"RUNS is one of {', '.join(SIDE_BY_SIDE)}; ONLY some of {', '.join(sorted(known))}.")
        return 2
    chosen = [campaign for campaign in CAMPAIGNS if not only or campaign.name in only]
    with ThreadPoolExecutor(SIDE_BY_SIDE[scale]) as pool:
        outcomes = list(pool.map(partial(run, scale=scale), chosen))
    print_table(outcomes)
    return 1 if any(outcome.violations for outcome in outcomes) else 0


def run(campaign: Campaign, scale: str) -> Outcome:
    """One campaign in a process of its own."""
    outcome, started = Outcome(campaign), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="campaign-") as folder:
        paper, results = Path(folder) / "report", Path(folder) / "results.xml"
        command = [sys.executable, "-m", "pytest", "-q", "--no-header", "-p", "no:cacheprovider"]
        command += [f"--junit-xml={results}", "--timeout=0", *campaign.tests]
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=environment(campaign, scale, paper),
            capture_output=True,
            text=True,
            check=False,
        )
        outcome.seconds = time.monotonic() - started
        if paper.exists():
            outcome.lines = [json.loads(line) for line in paper.read_text(encoding="utf-8").splitlines()]
        count(outcome, results)
    if done.returncode not in {0, 5}:
        outcome.violations = max(1, outcome.violations)
        print(done.stdout[-6000:], done.stderr[-2000:], flush=True)
    print(f"==> {campaign.name} {campaign.title}: {line_of(outcome)}", flush=True)
    return outcome


def environment(campaign: Campaign, scale: str, paper: Path) -> dict[str, str]:
    """What the tests are told."""
    database, redis = (postgres_url(), redis_url()) if campaign.services else ("", "")
    return os.environ | {
        "CAMPAIGN": scale,
        "CAMPAIGN_REPORT": str(paper),
        "CAMPAIGN_SEED": os.environ.get("SEED", "1"),
        "TEST_DATABASE_URL": database,
        "TEST_REDIS_URL": redis,
    }


def count(outcome: Outcome, results: Path) -> None:
    """Runs as the tests reported them, else their number; violations are failed tests."""
    text = results.read_text(encoding="utf-8") if results.exists() else ""
    tests, failed, skipped = (number(text, name) for name in ("tests", "failures", "skipped"))
    outcome.violations, outcome.skipped = failed + number(text, "errors"), skipped
    outcome.runs = sum(line["runs"] for line in outcome.lines) or tests - skipped


def number(text: str, name: str) -> int:
    """An attribute of the results' first test suite."""
    _, found, rest = text.partition(f' {name}="')
    return int(rest.partition('"')[0]) if found else 0


def line_of(outcome: Outcome) -> str:
    """One row of the table."""
    skipped = f", {outcome.skipped} skipped" if outcome.skipped else ""
    return f"{outcome.runs} runs, {outcome.violations} violations{skipped}, {outcome.seconds:.0f} s"


def print_table(outcomes: Sequence[Outcome]) -> None:
    """The table, as docs/reliability.md has it, and what each campaign told besides."""
    print("\n| campaign | what | runs | violations | seconds |\n|---|---|---|---|---|")
    for outcome in outcomes:
        campaign = outcome.campaign
        cells = (campaign.name, campaign.title, outcome.runs, outcome.violations, round(outcome.seconds))
        print("| " + " | ".join(map(str, cells)) + " |")
    print()
    for outcome in outcomes:
        for line in outcome.lines:
            figures = ", ".join(f"{key} {value}" for key, value in line["figures"].items())
            print(f"{line['name']}: {line['runs']} x {line['what']}" + (f" ({figures})" if figures else ""))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
