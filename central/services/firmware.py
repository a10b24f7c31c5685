"""Firmware of charge points: updates and publications as they were ordered, answered and reported."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from central.models import ChargePointStatus, Command, FirmwareJob
from central.models.firmware_job import FirmwareKind
from central.models.job import JobState
from central.services.commands import command_create
from central.services.facts import fact_tell
from central.services.jobs import IDLE, job_answer, job_move, job_of, job_reported, jobs_give_up
from central.services.prepared import Prepared
from central.services.transfers import location_public
from emobility.lib.errors import Conflict
from registry.models import ChargePoint

UPDATE: Final = "firmware_update"
PUBLISH: Final = "firmware_publish"
UNPUBLISH: Final = "firmware_unpublish"
ACCEPTED: Final = "Accepted"
REPLACED: Final = "AcceptedCanceled"
_ENDS: Final = {
    "Installed": JobState.DONE,
    "Published": JobState.DONE,
    "DownloadFailed": JobState.FAILED,
    "InstallationFailed": JobState.FAILED,
    "InstallVerificationFailed": JobState.FAILED,
    "InvalidSignature": JobState.FAILED,
    "InvalidChecksum": JobState.FAILED,
    "PublishFailed": JobState.FAILED,
}
"""End states of FirmwareStatusEnumType and PublishFirmwareStatusEnumType (2.0.1 §3.33, §3.65)."""
STALE: Final = timedelta(days=7)
"""A job that was silent for so long hinders nobody and is confirmed by no boot."""


@dataclass(frozen=True, slots=True)
class FirmwareWish:
    """What an order asks for, as FirmwareJob keeps it."""

    location: str
    kind: str = FirmwareKind.UPDATE
    signed: bool = False
    checksum: str = ""
    retrieve_at: datetime | None = None
    install_at: datetime | None = None
    retries: int | None = None
    retry_interval: int | None = None
    version_expected: str = ""
    image_id: int | None = None


def firmware_request(
    *, charge_point: ChargePoint, wish: FirmwareWish, replace: bool, now: datetime, **order: Any
) -> Command:
    """Queue an order with its job; its request number is the command's.

    Raises Conflict where an update is under way and `replace` does not say that it may be given up: a charge
    point gives up the running update for a new one (2.x L01.FR.24, L02.FR.15).
    """
    with transaction.atomic():
        ChargePoint.objects.select_for_update(no_key=True).get(pk=charge_point.pk)
        if wish.kind == FirmwareKind.UPDATE and not replace and _under_way(charge_point, now):
            reason = _("An update is under way. A new one makes the charge point give it up.")
            raise Conflict(reason, {"replace": _("Say that the running update may be given up.")})
        command = command_create(charge_point=charge_point, now=now, **order)
        _job_create(command.charge_point_id, wish, now, command=command, request_id=command.pk)
    return command


def firmware_answered(
    *, command: Command, wish: FirmwareWish, request_id: int | None, status: str, info: str, now: datetime
) -> bool:
    """What the answer means; an order that nobody wrote down before (raw, retried) gets its job now.

    `status` is '' for 1.6 UpdateFirmware, whose answer is empty: the newer order then counts alone.
    """
    point = command.charge_point_id
    job = job_of(FirmwareJob, charge_point_id=point, command=command, request_id=request_id)
    if job is None or job.kind != wish.kind:
        job = _job_create(point, wish, now, command=command, request_id=request_id)
    accepted = status in {"", ACCEPTED, REPLACED}
    job.command, job.unsolicited, job.request_id = command, False, request_id
    state = JobState.RUNNING if accepted else JobState.REFUSED
    job_answer(job, answer=status or ACCEPTED, state=state, info=info, now=now)
    if status in {"", REPLACED} and wish.kind == FirmwareKind.UPDATE:
        jobs_give_up(FirmwareJob.objects.filter(kind=job.kind), job, now=now)
    _tell(job, status or ACCEPTED, now)
    return accepted


def firmware_reported(
    *,
    charge_point_id: int,
    kind: str,
    status: str,
    request_id: int | None,
    info: str = "",
    published: list[str] | None = None,
    signed: bool = False,
    now: datetime,
) -> FirmwareJob | None:
    """Move the job that a status speaks of; without one it is kept as a job that nobody ordered here.

    None only for Idle where there is no job at all: then only the fact is told.
    """
    jobs = FirmwareJob.objects.filter(charge_point_id=charge_point_id, kind=kind)
    job: FirmwareJob | None = job_reported(jobs, status=status, request_id=request_id, ends=_ENDS, now=now)
    if job is None and status != IDLE:
        wish = FirmwareWish(location="", kind=kind, signed=signed)
        job = _job_create(charge_point_id, wish, now, request_id=request_id, unsolicited=True)
    if job is None:
        _tell(FirmwareJob(charge_point_id=charge_point_id, kind=kind, state=""), status, now)
        return None
    if published:
        job.published = published
    if job_move(job, status=status, state=_ENDS.get(status, JobState.RUNNING), info=info, now=now):
        _tell(job, status, now)
    return job


def firmware_unpublished(*, charge_point_id: int, checksum: str, status: str, now: datetime) -> bool:
    """A local controller offers the file no more (2.x L04), or says why it still does."""
    accepted = status == "Unpublished"
    if accepted or status == "NoFirmware":
        jobs = FirmwareJob.objects.select_for_update().filter(
            charge_point_id=charge_point_id, kind=FirmwareKind.PUBLISH, checksum__iexact=checksum
        )
        for job in jobs.exclude(status=status).filter(state=JobState.DONE):
            job.published = []
            job_move(job, status=status, state=JobState.DONE, now=now)
            _tell(job, status, now)
    return accepted


def firmware_unconfirmed(charge_point_ids: Collection[int]) -> set[int]:
    """Those of the charge points whose boot may confirm an update."""
    return {number for (number,) in _unconfirmed.rows(numbers=sorted(charge_point_ids))}


_unconfirmed: Final = Prepared(
    lambda numbers: (
        FirmwareJob.objects.filter(
            charge_point_id__among=numbers, kind=FirmwareKind.UPDATE, confirmed_at=None
        )
        .order_by()
        .values_list("charge_point_id")
        .distinct()
    )
)


def firmware_booted(*, charge_point_id: int, version: str, now: datetime) -> None:
    """Confirm the newest update by the version that a boot tells; a changed version ends a job under way."""
    jobs = FirmwareJob.objects.select_for_update().filter(
        charge_point_id=charge_point_id, kind=FirmwareKind.UPDATE, confirmed_at=None
    )
    job = jobs.filter(_heard(now), state__in=(JobState.RUNNING, JobState.LOST, JobState.DONE)).first()
    if job is None or not version:
        return
    expected = job.version_expected
    confirmed = (
        version == expected if expected else bool(job.version_before) and version != job.version_before
    )
    if job.version_after == version and not confirmed:
        return
    job.version_after = version
    if confirmed:
        job.confirmed_at = now
        job.state, job.finished_at = JobState.DONE, job.finished_at or now
    job.save(update_fields=["version_after", "confirmed_at", "state", "finished_at"])
    _tell(job, "Confirmed" if confirmed else "SameVersion", now)


def firmware_expected(*, charge_point_id: int, now: datetime) -> bool:
    """True where an update of ours explains new firmware."""
    jobs = FirmwareJob.objects.filter(charge_point_id=charge_point_id, kind=FirmwareKind.UPDATE)
    ours = jobs.filter(_heard(now), unsolicited=False)
    return ours.filter(state__in=(JobState.RUNNING, JobState.DONE, JobState.LOST)).exists()


def _heard(now: datetime) -> Q:
    return Q(status_at__gte=now - STALE) | Q(status_at=None, created_at__gte=now - STALE)


def _under_way(charge_point: ChargePoint, now: datetime) -> bool:
    jobs = FirmwareJob.objects.filter(charge_point=charge_point, kind=FirmwareKind.UPDATE)
    return jobs.filter(_heard(now), state__in=(JobState.ORDERED, JobState.RUNNING)).exists()


def _job_create(charge_point_id: int, wish: FirmwareWish, now: datetime, **fields: Any) -> FirmwareJob:
    live = ChargePointStatus.objects.filter(charge_point_id=charge_point_id)
    before = live.values_list("firmware_version", flat=True).first() or ""
    values = asdict(wish) | {"location": location_public(wish.location)[:2000], "version_before": before}
    return FirmwareJob.objects.create(charge_point_id=charge_point_id, created_at=now, **values, **fields)


def _tell(job: FirmwareJob, status: str, now: datetime) -> None:
    fact_tell(
        charge_point_id=job.charge_point_id,
        kind="firmware.status",
        subject=status,
        data={"job_id": job.pk, "kind": job.kind, "state": job.state, "request_id": job.request_id},
        now=now,
    )
