"""How long a test of endurance runs: a moment in the ordinary run, minutes or hours in `make campaign`.

CAMPAIGN is empty (the ordinary run), `short` or `full`; CAMPAIGN_REPORT names a file for one line of JSON a
result; CAMPAIGN_SEED moves all seeds.
"""

import json
import os
from pathlib import Path
from typing import Final

SCALE: Final = os.environ.get("CAMPAIGN", "")
SEED: Final = int(os.environ.get("CAMPAIGN_SEED", "1"))
_REPORT: Final = os.environ.get("CAMPAIGN_REPORT", "")


def scaled(ordinary: int, *, short: int, full: int) -> int:
    """How many runs, frames, seeds."""
    return {"short": short, "full": full}.get(SCALE, ordinary)


def seeds(ordinary: int, *, short: int, full: int) -> range:
    """Seeds for a parametrised test."""
    return range(SEED, SEED + scaled(ordinary, short=short, full=full))


def report(name: str, runs: int, *, what: str, **figures: object) -> None:
    """Tell the campaign's runner how many runs passed, and what was seen."""
    if not _REPORT:
        return
    line = {"name": name, "runs": runs, "what": what, "figures": figures}
    with Path(_REPORT).open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, default=str) + "\n")
