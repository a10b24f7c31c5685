"""Heartbeat: still there; the answer sets the charge point's clock (1.6 §4.6, 2.x G02)."""

from collections.abc import Sequence
from typing import Any

from central.ocpp.context import Context
from central.ocpp.router import action
from central.ocpp.vocabulary import format_time


@action("Heartbeat", many=True)
def handle_many(calls: Sequence[tuple[Context, dict[str, Any]]]) -> Sequence[dict[str, Any]]:
    """The time; that it was heard is written with every frame."""
    return [{"currentTime": format_time(ctx.now)} for ctx, _ in calls]
