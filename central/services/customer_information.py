"""Customer information: asked for, collected part by part, wiped when its day has come (2.x N09, N10)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from central.models import Command, CustomerInformation
from central.models.customer_information import MOST_PARTS
from central.models.job import JobState
from central.services.commands import command_create
from central.services.facts import fact_tell
from central.services.jobs import job_answer, job_of
from central.services.local_list_content import entries_stored
from central.services.local_lists import DIFFERENTIAL, local_list_order
from emobility.lib.errors import Conflict
from emobility.lib.fields import seal
from registry.models import ChargePoint, User
from registry.services.audit import audit_record

ORDER: Final = "customer_information"
WAIT: Final = timedelta(minutes=15)
"""After so long without another part a report counts as incomplete; a later part is still taken."""
SEALED: Final = "customer_sealed"
BY_TAG: Final = "idToken"
_SWEEP: Final = 1000


@dataclass(frozen=True, slots=True)
class Question:
    """Whose data, and what is to happen with them; `subject` in words, `subject_kind` how they are named."""

    report: bool
    clear: bool
    subject_kind: str
    subject: str


def customer_information_request(
    *, charge_point: ChargePoint, question: Question, customer: str, unlist: bool, now: datetime, **order: Any
) -> Command:
    """Queue the question with its job; `customer` (JSON) stands sealed in the order's parameters.

    `unlist`: once it is accepted, the tag is also taken off the charge point's local list (N10.FR.02).
    """
    params = {"report": question.report, "clear": question.clear, "unlist": unlist, SEALED: seal(customer)}
    with transaction.atomic():
        command = command_create(charge_point=charge_point, order=ORDER, params=params, now=now, **order)
        _create(charge_point.pk, question, now, command=command, request_id=command.pk)
    return command


def customer_information_answered(
    *, command: Command, request_id: int, question: Question, status: str, info: str, now: datetime
) -> bool:
    """Parts will follow, or none."""
    point = command.charge_point_id
    job = job_of(CustomerInformation, charge_point_id=point, command=command, request_id=request_id)
    job = job or _create(point, question, now, command=command, request_id=request_id)
    job.command, job.unsolicited = command, False
    accepted = status == "Accepted"
    state = JobState.RUNNING if accepted else JobState.REFUSED
    job_answer(job, answer=status, state=state, info=info, now=now)
    _tell(job, now)
    if accepted and question.clear and command.params.get("unlist"):
        _unlist(command, question, now)
    return accepted


def customer_information_part(
    *,
    charge_point_id: int,
    request_id: int,
    seq_no: int,
    data: str,
    more: bool,
    generated_at: datetime,
    now: datetime,
) -> CustomerInformation:
    """Keep a part; complete when all numbers from 0 to the one of the last part are there.

    Parts may come twice and in any order; what nobody asked for is kept too. After the wipe nothing is kept.
    """
    job = job_of(CustomerInformation, charge_point_id=charge_point_id, command=None, request_id=request_id)
    if job is None:
        question = Question(report=True, clear=False, subject_kind="", subject="")
        job = _create(charge_point_id, question, now, request_id=request_id, unsolicited=True)
    if job.deleted_at is not None or not 0 <= seq_no < MOST_PARTS:
        return job
    job.parts = {**job.parts, str(seq_no): data}
    if not more:
        job.last_seq = seq_no
    job.generated_at, job.status_at = generated_at, now
    was = job.state
    complete = job.last_seq is not None and not job.missing
    job.state = JobState.DONE if complete else JobState.RUNNING
    job.finished_at = (job.finished_at or now) if complete else None
    job.save()
    if job.state != was:
        _tell(job, now)
    return job


def customer_information_sweep(*, now: datetime) -> int:
    """Give up waiting for parts that do not come, and wipe what is old enough; how many."""
    running = CustomerInformation.objects.filter(state=JobState.RUNNING)
    silent = running.filter(status_at__lte=now - WAIT) | running.filter(
        status_at=None, command__finished_at__lte=now - WAIT
    )
    count = 0
    for job in silent.order_by("pk")[:_SWEEP]:
        changed = running.filter(pk=job.pk).update(state=JobState.FAILED, finished_at=now)
        job.state = JobState.FAILED
        if changed:
            _tell(job, now)
        count += changed
    due = CustomerInformation.objects.filter(deleted_at=None, delete_on__lte=now.date())
    for job in due.order_by("pk")[:_SWEEP]:
        _wipe(job, now)
        count += 1
    return count


def customer_information_wipe(*, job: CustomerInformation, user: User, now: datetime) -> None:
    """Delete it before its day. Raises Conflict where it is gone already."""
    if job.deleted_at is not None:
        raise Conflict(_("It was deleted already."))
    with transaction.atomic():
        _wipe(job, now)
        audit_record(
            actor=user,
            action="customer_information.deleted",
            organization_id=job.charge_point.organization_id,
            object_type="charge_point",
            object_id=str(job.charge_point_id),
            after={"customer_information": job.pk},
            now=now,
        )


def _unlist(command: Command, question: Question, now: datetime) -> None:
    """A charge point clears all but its local list, which is ours to change."""
    tags = [entry.uid for entry in entries_stored(command.charge_point_id)]
    listed = next((tag for tag in tags if tag.upper() == question.subject.upper()), None)
    if question.subject_kind == BY_TAG and listed is not None:
        changes = {"update": DIFFERENTIAL, "entries": listed}
        local_list_order(charge_point=command.charge_point, params=changes, now=now)


def _wipe(job: CustomerInformation, now: datetime) -> None:
    """The data and whose they are go, also from the order; that there was a question stays."""
    with transaction.atomic():
        job.parts, job.subject, job.deleted_at = {}, "", now
        job.save(update_fields=["parts", "subject", "deleted_at"])
        command = job.command
        if command is not None:
            command.params = {name: value for name, value in command.params.items() if name != SEALED}
            command.asked = ""
            command.save(update_fields=["params", "asked"])


def _create(charge_point_id: int, question: Question, now: datetime, **fields: Any) -> CustomerInformation:
    delete_on = (now + timedelta(days=settings.OCPP_CUSTOMER_INFORMATION_KEEP_DAYS)).date()
    values: Mapping[str, Any] = asdict(question) | {"subject": question.subject[:600]}
    return CustomerInformation.objects.create(
        charge_point_id=charge_point_id, created_at=now, delete_on=delete_on, **values, **fields
    )


def _tell(job: CustomerInformation, now: datetime) -> None:
    """A fact without any of its content."""
    fact_tell(
        charge_point_id=job.charge_point_id,
        kind="customer_information.changed",
        subject=job.state,
        data={"job_id": job.pk, "request_id": job.request_id},
        now=now,
    )
