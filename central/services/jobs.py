"""Jobs of charge points: how a reported status moves one, and what becomes of those never answered."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from django.db import transaction

from central.models import Command, CustomerInformation, DisplayMessage, FirmwareJob, LogJob
from central.models.command import CommandState
from central.models.display_message import DisplayState
from central.models.job import Job, JobState

J = TypeVar("J", bound=Job)
IDLE: Final = "Idle"
MOST_HISTORY: Final = 100
MODELS: Final[tuple[type[Job], ...]] = (FirmwareJob, LogJob, CustomerInformation)
FINAL: Final = frozenset({JobState.DONE, JobState.FAILED, JobState.REFUSED, JobState.CANCELLED})
_UNANSWERED: Final = {
    CommandState.FAILED: JobState.REFUSED,
    CommandState.CANCELLED: JobState.CANCELLED,
    CommandState.TIMED_OUT: JobState.LOST,
    CommandState.UNKNOWN: JobState.LOST,
    CommandState.EXPIRED: JobState.LOST,
}
"""What an order that ended without an answer makes of its job."""
_SWEEP: Final = 1000
RETRY: Final = timedelta(days=1)
"""1.6 has no request numbers: for so long a try after a failed one belongs to the same job."""
_RECENT: Final = 5


def job_of(
    model: type[J], *, charge_point_id: int, command: Command | None, request_id: int | None
) -> J | None:
    """The job of a command, else the newest with that request number; locked."""
    rows: Any = model.objects.select_for_update().filter(charge_point_id=charge_point_id)
    found: J | None = rows.filter(command=command).first() if command is not None else None
    if found is None and request_id is not None:
        found = rows.filter(request_id=request_id).first()
    return found


def job_reported(
    rows: Any, *, status: str, request_id: int | None, ends: Mapping[str, JobState], now: datetime
) -> Any:
    """The job among `rows` that a status speaks of, locked: by its number, else the one that it continues."""
    rows = rows.select_for_update()
    if request_id is not None:
        return rows.filter(request_id=request_id).first()
    if status == IDLE:
        return rows.first()
    for job in rows.exclude(state__in=(JobState.CANCELLED, JobState.REFUSED))[:_RECENT]:
        if _continues(job, status, ends, now):
            return job
    return None


def _continues(job: Job, status: str, ends: Mapping[str, JobState], now: datetime) -> bool:
    """True where a status without a number can speak of the job."""
    if job.state == JobState.ORDERED:
        return job.command is None or job.command.sent_at is not None
    if job.state in {JobState.RUNNING, JobState.LOST}:
        return True
    recent = job.status_at is not None and now - job.status_at < RETRY
    return recent and (job.state == JobState.FAILED or job.status == status or status in ends)


def jobs_give_up(rows: Any, job: Any, *, now: datetime) -> None:
    """The jobs among `rows` that the charge point gave up for `job`."""
    older = rows.select_for_update().filter(charge_point_id=job.charge_point_id, pk__lt=job.pk)
    for other in older.filter(state__in=(JobState.RUNNING, JobState.LOST)):
        other.replaced_by = job
        _enter(other, JobState.CANCELLED, now)
        other.save(update_fields=["state", "replaced_by", "finished_at"])


def job_move(job: Job, *, status: str, state: JobState, info: str = "", now: datetime) -> bool:
    """Apply a reported status; False for a repeat, which changes nothing.

    A job that was given up notes what it still hears and stays so (2.x L01.FR.24); one that is done is not
    under way again. Idle says what the charge point does now, not what became of the job.
    """
    if job.status == status and job.status_info == info:
        return False
    job.history = [*job.history, {"status": status, "at": now.isoformat(), "info": info}][-MOST_HISTORY:]
    job.status, job.status_info, job.status_at = status, info, now
    stays = job.state == JobState.CANCELLED or (job.state == JobState.DONE and state == JobState.RUNNING)
    if status != IDLE and not stays:
        _enter(job, state, now)
    job.save()
    return True


def job_answer(job: Job, *, answer: str, state: JobState, info: str = "", now: datetime) -> None:
    """Apply the answer to the order; a status that came before it counts more."""
    job.answer = answer
    job.status_info = info or job.status_info
    if job.state in {JobState.ORDERED, JobState.LOST} or state == JobState.REFUSED:
        _enter(job, state, now)
    job.save()


def jobs_undelivered(*, command_ids: Iterable[int] | None = None, now: datetime) -> int:
    """Settle jobs and messages whose order ended without an answer (of all orders: None); how many."""
    count = 0
    for model in MODELS:
        waiting = model.objects.filter(state=JobState.ORDERED, command__state__in=list(_UNANSWERED))
        count += sum(_settle(row, now) for row in _locked(waiting, command_ids))
    texts = DisplayMessage.objects.filter(state=DisplayState.ORDERED, command__state__in=list(_UNANSWERED))
    return count + sum(_settle_text(row) for row in _locked(texts, command_ids))


def _locked(rows: Any, command_ids: Iterable[int] | None) -> list[Any]:
    chosen = rows if command_ids is None else rows.filter(command_id__in=list(command_ids))
    return list(chosen.select_related("command").order_by("pk")[:_SWEEP])


def _settle(row: Any, now: datetime) -> int:
    with transaction.atomic():
        job = type(row).objects.select_for_update().get(pk=row.pk)
        if job.state != JobState.ORDERED:
            return 0
        _enter(job, _UNANSWERED[CommandState(row.command.state)], now)
        job.finished_at = now
        job.status_info = row.command.error
        job.save()
    return 1


def _settle_text(row: Any) -> int:
    refused = row.command.state in {CommandState.FAILED, CommandState.CANCELLED}
    state = DisplayState.REFUSED if refused else DisplayState.LOST
    return DisplayMessage.objects.filter(pk=row.pk, state=DisplayState.ORDERED).update(state=state)


def _enter(job: Job, state: JobState, now: datetime) -> None:
    job.state = state
    job.finished_at = now if state in FINAL else None
