"""How the load generator tells what it found: JSON lines on stdout."""

import json
import sys
from typing import Any


def tell(event: str, **values: Any) -> None:
    """One line for the one who started us."""
    sys.stdout.write(json.dumps({"event": event} | values) + "\n")
    sys.stdout.flush()


def spread(latencies: list[float]) -> dict[str, float]:
    """Count, median, 95th and 99th percentile and the longest in milliseconds."""
    ordered = sorted(latencies) or [0.0]
    at = [ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000 for share in (0.5, 0.95, 0.99)]
    names = ("p50_ms", "p95_ms", "p99_ms", "max_ms")
    return {"count": len(latencies), **dict(zip(names, [*at, ordered[-1] * 1000], strict=True))}
