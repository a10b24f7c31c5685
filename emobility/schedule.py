"""When periodic work runs: the sweeps that find what a lost bell missed, by the names of their tasks."""

from typing import Any


def _every(seconds: int, task: str, **kwargs: Any) -> dict[str, Any]:
    """One row; what nobody took before the next turn is dropped, so that a stopped worker finds no pile."""
    return {"task": task, "schedule": seconds, "kwargs": kwargs, "options": {"expires": seconds}}


SCHEDULE: dict[str, dict[str, Any]] = {
    "missing CDRs": _every(10, "billing.sweep_cdrs"),
    "missing CDRs of all times": _every(3600, "billing.sweep_cdrs", deep=True),
    "tariffs of running sessions": _every(10, "billing.open_ratings"),
}
