"""The database side of the crossing: requests become facts, in one transaction together or each in its own.

Sync, on a worker thread. Nothing here raises: each job ends with its answer or with the error to answer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, reset_queries, transaction
from psycopg.errors import LockNotAvailable

from central.ocpp import errors, frames, message_log
from central.ocpp.context import Context
from central.ocpp.errors import OcppError
from central.ocpp.frames import Call, CallResultError, Malformed, Send
from central.ocpp.link import Request
from central.ocpp.message_log import IN, OUT, Row
from central.ocpp.router import HandleMany
from central.services.connections import connections_touch
from central.services.statements import wait_briefly
from emobility.lib.crash import crash_point
from emobility.lib.errors import DomainError, Forbidden, Invalid

log = structlog.get_logger(__name__)

LATENCY_LIMIT: Final = 2**31 - 1
"""What the log can keep, in milliseconds: a server's clock that is set must not break the log."""
_INTERNAL: Final = OcppError(errors.INTERNAL)


class CommitUnsure(Exception):
    """The connection broke during COMMIT: nobody knows whether it counts."""


@dataclass(slots=True)
class Job:
    """A request on its way through the database; afterwards `payload` or `error` (or neither: no answer)."""

    context: Context
    request: Request
    done: Callable[["Job"], None]
    touch: bool = False
    payload: dict[str, Any] | None = None
    error: OcppError | None = None

    @property
    def together(self) -> bool:
        """True where the job may share a transaction with others."""
        frame, entry = self.request.frame, self.request.entry
        return entry is None or (isinstance(frame, (Call, Send)) and entry.for_many(frame.payload))


def run_together(jobs: Sequence[Job]) -> None:
    """All jobs in one transaction; where that fails, one by one, so that a poison message fails alone."""
    try:
        in_transaction(lambda: _serve_together(jobs))
    except CommitUnsure:
        for job in jobs:
            job.error = _INTERNAL
    except Exception as error:  # noqa: BLE001 -- whatever it was, each message gets its own chance now
        log.warning("ocpp.batch_split", messages=len(jobs), error=repr(error)[:200])
        run_alone(jobs, impatient=True)


def run_alone(jobs: Sequence[Job], *, impatient: bool = False) -> None:
    """Each job in a transaction of its own; `impatient` where others wait behind it for somebody's lock."""
    for job in jobs:
        job.payload = None
        job.error = _outcome(job, impatient=impatient)
    refused = [job for job in jobs if job.error is not None]
    if refused:
        _log_refused(refused)


def in_transaction(body: Callable[[], None]) -> None:
    """Run `body` in a transaction, again where the database went away before COMMIT. Raises CommitUnsure."""
    if settings.DEBUG:
        reset_queries()
    for attempt in (1, 2):
        committing = False
        try:
            with transaction.atomic():
                body()
                crash_point("before_commit")
                committing = True
        except (OperationalError, InterfaceError) as error:
            connection.close()
            if isinstance(error.__cause__, LockNotAvailable):
                # The server itself gave up, so nothing was committed: foreign keys are checked at COMMIT.
                raise
            if committing:
                raise CommitUnsure from error
            if attempt == 2:
                raise
        else:
            break
    crash_point("after_commit")


def _serve_together(jobs: Sequence[Job]) -> None:
    groups: dict[HandleMany, list[Job]] = {}
    for job in jobs:
        entry = job.request.entry
        if entry is not None and entry.handle_many is not None:
            groups.setdefault(entry.handle_many, []).append(job)
    wait_briefly()
    crash_point("before_handler")
    for handle_many, members in groups.items():
        _serve_group(handle_many, members)
        crash_point("within_batch")
    crash_point("after_handler")
    _log_and_touch(jobs)


def _serve_group(handle_many: HandleMany, jobs: Sequence[Job]) -> None:
    answers = handle_many([(job.context, _payload(job)) for job in jobs])
    for job, answer in zip(jobs, answers, strict=True):
        job.payload = answer


def _outcome(job: Job, *, impatient: bool) -> OcppError | None:
    """Serve one job in its own transaction; the error to answer, None where it succeeded."""
    try:
        in_transaction(lambda: _serve_alone(job, impatient=impatient))
    except OcppError as error:
        return error
    except DomainError as error:
        return _translated(error)
    except (OperationalError, InterfaceError, CommitUnsure) as error:
        log.warning("ocpp.database_failed", charge_point=job.context.cp_id, error=repr(error)[:200])
        return _INTERNAL
    except Exception:
        log.exception("ocpp.handler_failed", charge_point=job.context.cp_id, action=_action(job))
        return _INTERNAL
    return None


def _serve_alone(job: Job, *, impatient: bool) -> None:
    entry = job.request.entry
    if impatient:
        wait_briefly()
    if entry is not None:
        crash_point("before_handler")
        if entry.handle_many is not None and job.together:
            _serve_group(entry.handle_many, [job])
        elif entry.handle is not None:
            job.payload = entry.handle(job.context, _payload(job))
        crash_point("after_handler")
    _log_and_touch([job])


def _translated(error: DomainError) -> OcppError:
    if isinstance(error, Forbidden):
        return OcppError(errors.SECURITY, "Not allowed")
    if isinstance(error, Invalid):
        return OcppError(errors.PROPERTY, "Value not allowed", next(iter(error.fields), ""))
    return _INTERNAL


def _log_refused(jobs: Sequence[Job]) -> None:
    """Refusals took their transaction with them: their frames are logged apart, and never at any price."""
    try:
        in_transaction(lambda: _log_briefly(jobs))
    except Exception as error:  # noqa: BLE001 -- the answer does not depend on it
        log.warning("ocpp.log_failed", messages=len(jobs), error=repr(error)[:200])


def _log_briefly(jobs: Sequence[Job]) -> None:
    wait_briefly()
    _log_and_touch(jobs)


def _log_and_touch(jobs: Sequence[Job]) -> None:
    finished = datetime.now(UTC)
    rows: list[Row] = []
    for job in jobs:
        _add_rows(rows, job, finished)
    message_log.write(rows)
    seen = [job.context for job in jobs if job.touch]
    if seen:
        connections_touch(
            charge_point_ids=sorted(context.charge_point_id for context in seen),
            now=max(context.now for context in seen),
        )


def _add_rows(rows: list[Row], job: Job, finished: datetime) -> None:
    context, request, frame = job.context, job.request, job.request.frame
    cp, connection_id, code = context.charge_point_id, context.connection_id, request.error_code
    if isinstance(frame, (Malformed, CallResultError)):
        kind = 0 if isinstance(frame, Malformed) else frames.RESULT_ERROR
        action, message_id, payload = getattr(frame, "action", ""), frame.message_id, None
    else:
        kind = frames.CALL if isinstance(frame, Call) else frames.SEND
        action, message_id, payload = frame.action, frame.message_id, frame.payload
    rows.append(
        Row(cp, connection_id, IN, kind, action, message_id, payload, context.now, code, request.size)
    )
    if not isinstance(frame, Call) and request.reply is None:
        return
    latency = max(0, min(LATENCY_LIMIT, round((finished - context.now).total_seconds() * 1000)))
    kind = frames.RESULT if job.payload is not None else frames.ERROR
    code = errors.spelled(context.version, job.error.code) if job.error else code
    rows.append(
        Row(cp, connection_id, OUT, kind, action, message_id, job.payload, finished, code, 0, latency)
    )


def _payload(job: Job) -> dict[str, Any]:
    frame = job.request.frame
    return frame.payload if isinstance(frame, (Call, Send)) else {}


def _action(job: Job) -> str:
    return str(getattr(job.request.frame, "action", ""))
