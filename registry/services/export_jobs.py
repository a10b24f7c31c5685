"""Exports in the background: ordered, worked on one after the other, cancelled, resumed, removed in time."""

import shutil
import tempfile
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import structlog
from django.conf import settings
from django.core.files import File
from django.db import connection, transaction
from django.utils.translation import gettext as _

from emobility.lib.errors import Conflict, DomainError, NotFound, TooMany
from emobility.lib.exports import Table, export_lines
from emobility.lib.reports import Report, report_write
from emobility.lib.sheets import sheets_write
from registry.models import ExportJob, Organization
from registry.models.export_job import OPEN, ExportState
from registry.services.audit import audit_record

log = structlog.get_logger(__name__)

LOST: Final = timedelta(minutes=5)
"""An export of which nothing was heard for so long has lost its worker."""
TELL: Final = timedelta(seconds=2)
"""How often a worker writes down how far it is."""
MOST_ATTEMPTS: Final = 3
_LOCK: Final = 7_046_022
"""Number of the advisory lock under which one worker at a time chooses an export."""


@dataclass(frozen=True, slots=True)
class Source:
    """What a job is made from: the rows, how many they are, and the report where a PDF is wanted."""

    table: Table
    expected: int | None
    report: Callable[[], Report] | None = None


class _Ended(Exception):
    """The job is no longer this worker's: it was cancelled, or another one has taken it over."""


def export_job_create(
    *, actor: Any, table: str, form: str, query: str, source: str = "rest", now: datetime
) -> ExportJob:
    """Order an export. Raises TooMany where the organisation has as many open as it may."""
    with transaction.atomic():
        if actor.organization_id:
            Organization.objects.select_for_update(no_key=True).get(pk=actor.organization_id)
        waiting = ExportJob.objects.filter(organization_id=actor.organization_id, state__in=OPEN)
        if waiting.count() >= settings.EXPORT_JOBS:
            raise TooMany(
                _("Your organisation has as many exports waiting as it may. Wait for one, or cancel it.")
            )
        job = ExportJob.objects.create(
            organization_id=actor.organization_id,
            user=actor,
            actor=str(actor)[:150],
            table=table,
            form=form,
            query=query,
            source=source,
            created_at=now,
        )
        export_record(actor=actor, table=table, form=form, query=query, verb="ordered", now=now)
    return job


def export_record(*, actor: Any, table: str, form: str, query: str, verb: str, now: datetime) -> None:
    """Note in the audit trail who took which rows away."""
    audit_record(
        actor=actor,
        action=f"export.{verb}",
        organization_id=actor.organization_id,
        object_type="export",
        object_id=table,
        after={"format": form, "filter": query},
        now=now,
    )


def export_job_cancel(*, job: ExportJob, actor: Any, now: datetime) -> None:
    """End it; its worker notices within seconds. Raises Conflict where it is over."""
    changed = ExportJob.objects.filter(pk=job.pk, state__in=OPEN)
    if not changed.update(state=ExportState.CANCELLED, run=None, finished_at=now):
        raise Conflict(_("This export is over already."))
    export_record(actor=actor, table=job.table, form=job.form, query=job.query, verb="cancelled", now=now)


def export_job_fetched(*, job: ExportJob, actor: Any, now: datetime) -> None:
    """Note a download. Raises NotFound where there is no file (any more)."""
    if job.state != ExportState.DONE or not job.file or (job.expires_at and job.expires_at <= now):
        raise NotFound(_("There is no file: it is not ready yet, or its time is over."))
    export_record(actor=actor, table=job.table, form=job.form, query=job.query, verb="fetched", now=now)


def export_jobs_run(*, source_of: Callable[[ExportJob], Source], clock: Callable[[], datetime]) -> int:
    """Work on waiting exports until none is left or enough are under way; how many were worked on."""
    count = 0
    while (job := _claim(clock())) is not None:
        count += 1
        _work(job, source_of, clock)
    return count


def export_jobs_sweep(*, now: datetime) -> int:
    """Queue exports anew whose worker is gone, and give up on those that were tried too often; how many."""
    lost = ExportJob.objects.filter(state=ExportState.RUNNING, heard_at__lt=now - LOST)
    again = lost.filter(attempts__lt=MOST_ATTEMPTS).update(state=ExportState.QUEUED, run=None, rows=0)
    given_up = lost.update(
        state=ExportState.FAILED, run=None, finished_at=now, error=_("The worker was lost several times.")
    )
    return again + given_up


def export_files_drop_old(*, now: datetime) -> int:
    """Remove the files whose time is over, and what attempts left behind; how many."""
    old = ExportJob.objects.filter(state=ExportState.DONE, expires_at__lte=now)
    for job in old:
        job.file.delete(save=False)
        ExportJob.objects.filter(pk=job.pk).update(state=ExportState.EXPIRED, file="")
    return len(old)


def _claim(now: datetime) -> ExportJob | None:
    """Take the oldest waiting export, unless as many are under way as there may be."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        running = ExportJob.objects.filter(state=ExportState.RUNNING, heard_at__gte=now - LOST).count()
        job = ExportJob.objects.filter(state=ExportState.QUEUED).order_by("pk").first()
        if job is None or running >= settings.EXPORT_JOBS_AT_ONCE:
            return None
        job.state, job.run, job.attempts = ExportState.RUNNING, uuid.uuid4(), job.attempts + 1
        job.started_at = job.heard_at = now
        job.save(update_fields=["state", "run", "attempts", "started_at", "heard_at"])
    return job


def _work(job: ExportJob, source_of: Callable[[ExportJob], Source], clock: Callable[[], datetime]) -> None:
    try:
        source = source_of(job)
        _own(job).update(expected=source.expected)
        _write(job, source, clock)
    except _Ended:
        log.info("export.ended", job_id=job.pk)
    except DomainError as error:
        _own(job).update(state=ExportState.FAILED, run=None, error=error.message[:300], finished_at=clock())


def _write(job: ExportJob, source: Source, clock: Callable[[], datetime]) -> None:
    """Into a file of this machine first: a storage gets it whole or not at all."""
    folder = Path(tempfile.mkdtemp(prefix="export-"))
    try:
        path = folder / f"export.{job.form}"
        rows = _WRITERS[job.form](path, source, _progress(job, clock))
        _keep(job, path, rows, clock())
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _lines(form: str) -> Callable[..., int]:
    def write(path: Path, source: Source, progress: Callable[[int], None]) -> int:
        counted = 0

        def rows() -> Any:
            nonlocal counted
            for row in source.table.rows():
                counted += 1
                progress(counted)
                yield row

        table = Table(source.table.name, source.table.columns, rows)
        with path.open("wb") as file:
            file.writelines(export_lines(table, form))
        return counted

    return write


def _sheets(path: Path, source: Source, progress: Callable[[int], None]) -> int:
    return sheets_write(source.table, path, progress=progress)


def _report(path: Path, source: Source, progress: Callable[[int], None]) -> int:
    if source.report is None:
        raise Conflict(_("There is no report of these rows."))
    report = source.report()
    progress(len(report.rows))
    report_write(report, path)
    return len(report.rows)


_WRITERS: Final[dict[str, Callable[..., int]]] = {
    "csv": _lines("csv"),
    "jsonl": _lines("jsonl"),
    "xlsx": _sheets,
    "pdf": _report,
}


def _progress(job: ExportJob, clock: Callable[[], datetime]) -> Callable[[int], None]:
    """Called with each row; writes it down now and then, and ends what is no longer wanted."""
    told = clock()

    def progress(rows: int) -> None:
        nonlocal told
        if rows % 500:
            return
        now = clock()
        if now - told >= TELL:
            told = now
            if not _own(job).update(rows=rows, heard_at=now):
                raise _Ended

    return progress


def _keep(job: ExportJob, path: Path, rows: int, now: datetime) -> None:
    size = path.stat().st_size
    with path.open("rb") as file:
        job.file.save(path.name, File(file), save=False)
    kept = _own(job).update(
        state=ExportState.DONE,
        run=None,
        rows=rows,
        expected=rows,
        size=size,
        file=job.file.name,
        finished_at=now,
        expires_at=now + timedelta(hours=settings.EXPORT_KEEP_HOURS),
    )
    if not kept:
        job.file.delete(save=False)
        raise _Ended


def _own(job: ExportJob) -> Any:
    """The job's row while this attempt still owns it."""
    return ExportJob.objects.filter(pk=job.pk, run=job.run, state=ExportState.RUNNING)
