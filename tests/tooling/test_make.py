"""The make targets that the documentation names are there, and the first of them is a list of all."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TARGETS = """
    help up run registry registry-test registry-logs test test-unit test-integration test-all test-coverage
    lint fmt lock bench campaign build docker-up docker-logs docker-down clean deps
"""

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="needs make")


def make(*arguments: str) -> str:
    command = ["make", "--no-print-directory", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_make_alone_lists_all_targets_with_a_line_each():
    listed = re.findall(r"^  make (\S+) +\S", make(), flags=re.MULTILINE)
    assert set(listed) == set(TARGETS.split())


@pytest.mark.parametrize("target", TARGETS.split())
def test_each_target_can_be_planned(target):
    assert make("--dry-run", target)
