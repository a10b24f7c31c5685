"""The crossing: who shares a batch with whom, and that a charge point is served in the order of its calls."""

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

from central.ocpp import batch
from central.ocpp.batch import Batcher
from central.ocpp.context import Context
from central.ocpp.execution import Job
from central.ocpp.frames import Call
from central.ocpp.link import Request
from central.ocpp.router import ActionEntry

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TOGETHER = ActionEntry(handle_many=lambda calls: [{} for _ in calls])
ALONE = ActionEntry(handle=lambda ctx, request: {})


def served(monkeypatch, calls):
    """Submit (charge point, entry) at once; (how, charge points) of each crossing, in their order."""
    crossings = []
    for name in ("run_together", "run_alone"):
        monkeypatch.setattr(
            batch,
            name,
            lambda jobs, name=name: crossings.append((name, [job.context.charge_point_id for job in jobs])),
        )
    monkeypatch.setattr(batch, "_writer_count", lambda: 2)

    async def run():
        loop, done = asyncio.get_running_loop(), asyncio.Event()
        left = len(calls)

        def count(job):
            nonlocal left
            left -= 1
            if not left:
                done.set()
            if job.request.digest == 0:
                raise ZeroDivisionError

        batcher = Batcher(loop)
        for number, (charge_point_id, entry) in enumerate(calls):
            context = Context(charge_point_id, "CP", 1, "1.6", f"m{number}", NOW, uuid4())
            request = Request(Call(f"m{number}", "Heartbeat", {}), 10, number, NOW, entry)
            batcher.submit(Job(context, request, count))
        await asyncio.wait_for(done.wait(), 10)

    asyncio.run(run())
    return crossings


def test_calls_of_different_charge_points_cross_together_and_all_are_told(monkeypatch):
    """Also where telling one of them fails."""
    crossings = served(monkeypatch, [(number, TOGETHER) for number in range(5)])
    assert crossings == [("run_together", [0, 1, 2, 3, 4])]


def test_calls_of_one_charge_point_never_share_a_batch(monkeypatch):
    crossings = served(monkeypatch, [(1, TOGETHER), (1, TOGETHER), (2, TOGETHER), (1, TOGETHER)])
    assert crossings == [("run_together", [1, 2]), ("run_together", [1]), ("run_together", [1])]


def test_a_call_that_needs_its_own_transaction_waits_for_those_before_it(monkeypatch):
    crossings = served(monkeypatch, [(1, TOGETHER), (1, ALONE), (1, TOGETHER)])
    assert crossings == [("run_together", [1]), ("run_alone", [1]), ("run_together", [1])]
