"""Logs and diagnostics that charge points upload, as they were ordered, answered and reported."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from central.models import Command, LogJob
from central.models.job import JobState
from central.models.log_job import LogKind
from central.services.commands import command_create
from central.services.facts import fact_tell
from central.services.jobs import IDLE, job_answer, job_move, job_of, job_reported, jobs_give_up
from central.services.log_uploads import log_upload_create
from central.services.transfers import location_public
from registry.models import ChargePoint

DIAGNOSTICS: Final = "diagnostics_get"
LOG: Final = "log_get"
REPLACED: Final = "AcceptedCanceled"
_ENDS: Final = {
    "Uploaded": JobState.DONE,
    "UploadFailed": JobState.FAILED,
    "UploadFailure": JobState.FAILED,
    "BadMessage": JobState.FAILED,
    "PermissionDenied": JobState.FAILED,
    "NotSupportedOperation": JobState.FAILED,
    REPLACED: JobState.CANCELLED,
}
"""End states of DiagnosticsStatus (1.6 §7.24) and UploadLogStatusEnumType (2.0.1 §3.87)."""


@dataclass(frozen=True, slots=True)
class LogWish:
    """What an order asks for, as LogJob keeps it; `location` is where the charge point brings the file."""

    location: str
    kind: str = LogKind.UNKNOWN
    oldest_at: datetime | None = None
    latest_at: datetime | None = None
    retries: int | None = None
    retry_interval: int | None = None


def log_request(
    *, charge_point: ChargePoint, wish: LogWish, digest: str = "", now: datetime, **order: Any
) -> Command:
    """Queue an order with its job; its request number is the command's.

    `digest` is that of the token in an address of ours (`log_upload_address`), where the file comes to us.
    """
    with transaction.atomic():
        command = command_create(charge_point=charge_point, now=now, **order)
        job = _job_create(command.charge_point_id, wish, now, command=command, request_id=command.pk)
        if digest:
            log_upload_create(job=job, digest=digest, now=now)
    return command


def log_answered(
    *,
    command: Command,
    wish: LogWish,
    request_id: int | None,
    status: str,
    file_name: str = "",
    info: str = "",
    now: datetime,
) -> bool:
    """What the answer means, with the name of the file; a job that is not written down yet is made now.

    `status` is '' for 1.6 GetDiagnostics: without a file name there is nothing to upload (§5.9).
    """
    point = command.charge_point_id
    job = job_of(LogJob, charge_point_id=point, command=command, request_id=request_id)
    if job is None:
        job = _job_create(point, wish, now, command=command, request_id=request_id)
    if not status:
        status = "Accepted" if file_name else "Rejected"
        info = info or ("" if file_name else _("No diagnostics are available."))
    accepted = status in {"Accepted", REPLACED}
    job.command, job.unsolicited, job.kind = command, False, wish.kind
    job.file_name, job.request_id = file_name[:255], request_id
    job_answer(
        job, answer=status, state=JobState.RUNNING if accepted else JobState.REFUSED, info=info, now=now
    )
    if status == REPLACED:
        jobs_give_up(LogJob.objects.all(), job, now=now)
    _tell(job, status, now)
    return accepted


def log_reported(
    *,
    charge_point_id: int,
    status: str,
    request_id: int | None,
    diagnostics: bool = False,
    info: str = "",
    now: datetime,
) -> LogJob | None:
    """Move the job that a status speaks of; without one it is kept as a job that nobody ordered here.

    `diagnostics`: it is a status of 1.6's own diagnostics. None only for Idle where there is no job at all.
    """
    jobs = LogJob.objects.filter(charge_point_id=charge_point_id)
    if request_id is None:
        of_core = Q(kind=LogKind.DIAGNOSTICS)
        jobs = jobs.filter(of_core if diagnostics else ~of_core)
    job: LogJob | None = job_reported(jobs, status=status, request_id=request_id, ends=_ENDS, now=now)
    if job is None and status != IDLE:
        wish = LogWish(location="", kind=LogKind.DIAGNOSTICS if diagnostics else LogKind.UNKNOWN)
        job = _job_create(charge_point_id, wish, now, request_id=request_id, unsolicited=True)
    if job is None:
        _tell(LogJob(charge_point_id=charge_point_id, state=""), status, now)
        return None
    if job_move(job, status=status, state=_state_of(job, status), info=info, now=now):
        _tell(job, status, now)
    return job


def _state_of(job: LogJob, status: str) -> JobState:
    """AcceptedCanceled ends the older upload (N01.FR.20); said of the newer one, that one goes on."""
    if status == REPLACED and job.answer == REPLACED:
        return JobState.RUNNING
    return _ENDS.get(status, JobState.RUNNING)


def _job_create(charge_point_id: int, wish: LogWish, now: datetime, **fields: Any) -> LogJob:
    values = asdict(wish) | {"location": location_public(wish.location)[:2000]}
    return LogJob.objects.create(charge_point_id=charge_point_id, created_at=now, **values, **fields)


def _tell(job: LogJob, status: str, now: datetime) -> None:
    fact_tell(
        charge_point_id=job.charge_point_id,
        kind="log.status",
        subject=status,
        data={"job_id": job.pk, "state": job.state, "request_id": job.request_id, "file": job.file_name},
        now=now,
    )
