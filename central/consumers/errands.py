"""Runs errands (central.ocpp.errands) before their requests are served: some threads, a time limit, a bound.

Only the charge point that asked waits: its later requests stand in line behind this one, as they always do.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Final

import structlog
from django.conf import settings
from django.db import connection

from central.ocpp.context import Context
from central.ocpp.errands import Errand, errand_of
from central.ocpp.execution import Job
from central.ocpp.frames import Call

log = structlog.get_logger(__name__)

THREADS: Final = 32
MOST_WAITING: Final = 200
SLACK: Final = 2.0
"""Seconds beyond the time limit that an errand sets itself."""
_waiting: set[asyncio.Task[None]] = set()


def submit(job: Job, serve: Callable[[Job], None]) -> None:
    """Serve a request at once, or after its errand; one that fails or is late is served without."""
    frame = job.request.frame
    if not isinstance(frame, Call) or job.request.entry is None:
        serve(job)
        return
    run = errand_of(job.context.version, frame.action, frame.payload)
    if run is None or len(_waiting) >= MOST_WAITING:
        serve(job)
        return
    task = asyncio.get_running_loop().create_task(_first(run, job.context, frame.payload))
    _waiting.add(task)
    task.add_done_callback(_waiting.discard)
    task.add_done_callback(lambda _: serve(job))


async def _first(run: Errand, ctx: Context, request: dict[str, object]) -> None:
    work = asyncio.get_running_loop().run_in_executor(_runners(), _go, run, ctx, request)
    try:
        await asyncio.wait_for(work, _limit())
    except TimeoutError:
        log.warning("ocpp.errand_late", charge_point=ctx.cp_id)
    except Exception as error:  # noqa: BLE001 -- the request is answered all the same, without it
        log.warning("ocpp.errand_failed", charge_point=ctx.cp_id, error=repr(error)[:200])


def _limit() -> float:
    return max(settings.ISO15118_TIME_LIMIT, settings.OCPI_AUTHORIZE_TIME_LIMIT) + SLACK


def _go(run: Errand, ctx: Context, request: dict[str, object]) -> None:
    try:
        run(ctx, request)
    finally:
        connection.close()


@cache
def _runners() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(THREADS, thread_name_prefix="ocpp-errand")
