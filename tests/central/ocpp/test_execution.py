"""The database side of the crossing: together or alone, poison, lost databases, the log."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import OperationalError

from central.models import ChargePointStatus, DataTransfer, Message
from central.ocpp import errors, execution
from central.ocpp.context import Context
from central.ocpp.errors import OcppError
from central.ocpp.execution import CommitUnsure, Job, run_alone, run_together
from central.ocpp.frames import Call
from central.ocpp.link import Request
from central.ocpp.router import ActionEntry
from emobility.lib.errors import Conflict, Forbidden, Invalid
from registry.models import ChargePoint, Organization

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def charge_point():
    organization = Organization.objects.create(name="Amber", slug="amber")
    row = ChargePoint.objects.create(organization=organization, cp_id="CP-1", registered_at=NOW)
    ChargePointStatus.objects.create(charge_point=row)
    return row


@pytest.fixture
def job(charge_point):
    """Make a job for a request with a number."""

    def make(entry, number=0, **options):
        frame = Call(f"m{number}", "DataTransfer", {"vendorId": "V", "data": number})
        context = Context(
            charge_point.pk, "CP-1", charge_point.organization_id, "1.6", f"m{number}", NOW, uuid4()
        )
        return Job(context, Request(frame, 10, number, NOW, entry), lambda _: None, **options)

    return make


def stores(ctx, request):
    """A handler that leaves a row."""
    if request["data"] == "poison" or request["data"] == 13:
        raise ZeroDivisionError
    DataTransfer.objects.create(
        charge_point_id=ctx.charge_point_id, vendor_id="V", data=request["data"], status="", at=NOW
    )
    return {"status": "Accepted", "data": str(request["data"])}


def store_many(calls):
    """The same for many."""
    return [stores(ctx, request) for ctx, request in calls]


MANY = ActionEntry(handle_many=store_many)
SINGLE = ActionEntry(handle=stores)


def stored():
    return sorted(DataTransfer.objects.values_list("data", flat=True))


@pytest.mark.parametrize(("entry", "run"), [(MANY, run_together), (SINGLE, run_alone)])
def test_each_request_gets_its_answer_and_its_rows(job, entry, run):
    jobs = [job(entry, number) for number in range(5)]
    run(jobs)
    assert [made.payload["data"] for made in jobs] == ["0", "1", "2", "3", "4"]
    assert stored() == [0, 1, 2, 3, 4]
    assert Message.objects.count() == 10


def test_a_poison_message_fails_alone(job):
    jobs = [job(MANY, number) for number in (11, 12, 13, 14)]
    run_together(jobs)
    assert [made.error and made.error.code for made in jobs] == [None, None, errors.INTERNAL, None]
    assert stored() == [11, 12, 14]
    refused = Message.objects.get(direction="out", message_id="m13")
    assert (refused.kind, refused.error_code, refused.payload) == (4, "InternalError", None)


def test_a_failed_request_leaves_nothing_but_its_log(job):
    def half(ctx, request):
        stores(ctx, request)
        raise OcppError(errors.SECURITY, "No")

    made = job(ActionEntry(handle=half), 1)
    run_alone([made])
    assert made.error is not None
    assert made.error.code == errors.SECURITY
    assert stored() == []
    assert Message.objects.filter(direction="in", message_id="m1").count() == 1


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        (Forbidden("x"), errors.SECURITY),
        (Invalid("x", {"idTag": "bad"}), errors.PROPERTY),
        (Conflict("x"), errors.INTERNAL),
        (KeyError("x"), errors.INTERNAL),
    ],
)
def test_domain_errors_have_their_codes(job, raised, code):
    def refuse(ctx, request):
        raise raised

    made = job(ActionEntry(handle=refuse))
    run_alone([made])
    assert made.error is not None
    assert made.error.code == code
    assert "x" not in made.error.description


def test_an_answer_without_a_json_form_is_a_fault_of_the_handler(job):
    made = job(ActionEntry(handle=lambda ctx, request: {"a": object()}))
    run_alone([made])
    assert made.error is not None


def test_too_few_answers_split_the_batch(job):
    calls_seen = []

    def forgetful(calls):
        calls_seen.append(len(calls))
        return [{}] * (len(calls) if len(calls) == 1 else len(calls) - 1)

    jobs = [job(ActionEntry(handle_many=forgetful), number) for number in range(3)]
    for made in jobs:
        made.request.entry = jobs[0].request.entry
    run_together(jobs)
    assert calls_seen == [3, 1, 1, 1]
    assert [made.payload for made in jobs] == [{}, {}, {}]


def failing(times, error):
    """A handler that raises `error` the first `times` times and stores afterwards."""
    left = [error] * times

    def handle(ctx, request):
        answer = stores(ctx, request)
        if left:
            raise left.pop()
        return answer

    return ActionEntry(handle=handle)


def test_a_database_that_went_away_is_asked_once_more(job):
    """Before COMMIT nothing can have happened: the second try is safe."""
    made = job(failing(1, OperationalError("gone")), 1)
    run_alone([made])
    assert made.error is None
    assert stored() == [1]


def test_a_database_that_stays_away_is_an_internal_error(job):
    made = job(failing(2, OperationalError("gone")), 1)
    run_alone([made])
    assert made.error is not None
    assert made.error.code == errors.INTERNAL
    assert stored() == []


@pytest.mark.parametrize("run", [run_alone, run_together])
def test_a_commit_in_doubt_is_never_acknowledged_and_never_repeated(job, monkeypatch, run):
    """The charge point repeats the message, and its content tells whether it counts already."""
    seen = []

    def doubtful(body):
        seen.append(1)
        raise CommitUnsure

    monkeypatch.setattr(execution, "in_transaction", doubtful)
    jobs = [job(MANY if run is run_together else SINGLE, number) for number in range(2)]
    run(jobs)
    assert [made.error and made.error.code for made in jobs] == [errors.INTERNAL] * 2
    if run is run_together:
        assert len(seen) == 1


def test_touch_notes_that_we_heard(job, charge_point):
    run_together([job(MANY, 1, touch=True)])
    assert ChargePointStatus.objects.get(charge_point=charge_point).last_seen == NOW


def test_requests_with_a_prepared_answer_are_only_logged(job):
    made = job(None, 1)
    made.request.reply, made.request.error_code = "[4]", "FormationViolation"
    assert made.together
    run_together([made])
    assert [row.error_code for row in Message.objects.order_by("id")] == ["FormationViolation"] * 2


def test_what_is_too_large_for_the_log_is_left_out_of_it(job):
    made = job(MANY, 1)
    made.request.frame.payload["x"] = "y" * 300_000
    run_together([made])
    row = Message.objects.get(direction="in")
    assert row.payload == {"omitted": "too large for the log", "size": 10}
