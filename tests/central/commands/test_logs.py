"""Logs and diagnostics: 1.6 §5.9, §4.4 and N01 of the security extension; 2.x N01."""

import pytest

from central.models import Command, LogJob
from central.services.commands import command_create
from emobility.lib.errors import Invalid
from registry.models import Event
from tests.support.handlers import NOW, Bench, charge_point_create
from tests.support.power import answered, built, meant, placed

AT = "https://logs.example/in"
SPAN = {"oldest_at": "2026-03-01T00:00:00Z", "latest_at": "2026-03-02T00:00:00Z"}


def order(charge_point, name="log_get", **params):
    more = {"log": "SecurityLog"} if name == "log_get" else {}
    return placed(charge_point, name, **{"location": AT, **more, **params})


def job(**chosen):
    return LogJob.objects.get(**chosen)


def tell(bench, status, number=None, **more):
    payload = {"status": status} | ({} if number is None else {"requestId": number}) | more
    assert bench.call("LogStatusNotification", payload) == {}


def test_diagnostics_of_1_6(charge_point):
    """§6.25: startTime, stopTime, retries, retryInterval."""
    command = order(charge_point, "diagnostics_get", retries=2, retry_interval=30, **SPAN)
    assert built("1.6", command) == (
        "GetDiagnostics",
        {
            "location": AT,
            "startTime": "2026-03-01T00:00:00.000Z",
            "stopTime": "2026-03-02T00:00:00.000Z",
            "retries": 2,
            "retryInterval": 30,
        },
    )
    assert (job().state, job().kind, job().retries) == ("ordered", "Diagnostics", 2)


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
def test_diagnostics_of_2_are_a_log(version, charge_point):
    command = order(charge_point, "diagnostics_get")
    assert built(version, command) == (
        "GetLog",
        {"requestId": command.pk, "logType": "DiagnosticsLog", "log": {"remoteLocation": AT}},
    )
    assert answered(version, command, {"status": "Accepted", "filename": "a.zip"})
    assert job().kind == "DiagnosticsLog"
    tell(Bench(charge_point, version), "Uploaded", command.pk)
    assert job().state == "done"


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_a_log_by_its_kind_and_time(version, charge_point):
    command = order(charge_point, retries=1, **SPAN)
    action, payload = built(version, command)
    assert (action, payload["requestId"], payload["logType"]) == ("GetLog", command.pk, "SecurityLog")
    assert payload["log"] == {
        "remoteLocation": AT,
        "oldestTimestamp": "2026-03-01T00:00:00.000Z",
        "latestTimestamp": "2026-03-02T00:00:00.000Z",
    }


def test_the_data_collectors_log_is_known_to_2_1_alone(charge_point):
    command = order(charge_point, log="DataCollectorLog")
    assert built("2.1", command)[1]["logType"] == "DataCollectorLog"
    for version in ("1.6", "2.0.1"):
        with pytest.raises(ValueError, match="data collector"):
            built(version, command)


@pytest.mark.parametrize(
    "params",
    [
        {"location": "nowhere"},
        {"log": "SystemLog"},
        {"oldest_at": SPAN["latest_at"], "latest_at": SPAN["oldest_at"]},
        {"oldest_at": "soon"},
    ],
)
def test_a_wrong_order_is_refused(params, charge_point):
    with pytest.raises(Invalid):
        order(charge_point, **params)
    assert not LogJob.objects.exists()


def test_a_password_in_the_address_is_sent_and_nowhere_shown(charge_point):
    secret = "ftp://robot:hunter2@10.0.0.7/in"
    for name in ("log_get", "diagnostics_get"):
        command = order(charge_point, name, location=secret)
        assert "hunter2" in str(built("1.6", command))
    kept = [
        Command.objects.values("params", "request", "error"),
        LogJob.objects.values(),
        Event.objects.values(),
    ]
    assert "hunter2" not in str([list(rows) for rows in kept])


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_the_answer_names_the_file(version, charge_point):
    assert answered(version, order(charge_point), {"status": "Accepted", "filename": "sec.log"})
    assert (job().state, job().file_name, job().answer) == ("running", "sec.log", "Accepted")


def test_without_a_file_name_1_6_has_no_diagnostics(charge_point):
    """§5.9: If no diagnostics file is available, the answer contains no file name."""
    assert answered("1.6", order(charge_point, "diagnostics_get"), {"fileName": "d.zip"})
    assert job().file_name == "d.zip"
    assert not answered("1.6", order(charge_point, "diagnostics_get"), {})
    row = LogJob.objects.latest("pk")
    assert (row.state, row.status_info) == ("refused", "No diagnostics are available.")


def test_a_refusal_keeps_its_reason(charge_point):
    info = {"reasonCode": "NoLog", "additionalInfo": "empty"}
    assert not answered("2.0.1", order(charge_point), {"status": "Rejected", "statusInfo": info})
    assert (job().state, job().status_info) == ("refused", "NoLog empty")


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_the_way_of_an_upload(version, charge_point):
    command = order(charge_point)
    answered(version, command, {"status": "Accepted", "filename": "sec.log"})
    bench = Bench(charge_point, version)
    for minute, status in enumerate(("Uploading", "Uploading", "Uploaded", "Uploaded")):
        tell(bench.after(minutes=minute), status, command.pk)
    assert (job().state, job().finished_at) == ("done", bench.after(minutes=2).now)
    assert [each["status"] for each in job().history] == ["Uploading", "Uploaded"]
    assert Event.objects.filter(kind="log.status").count() == 3


@pytest.mark.parametrize(
    "status", ["UploadFailure", "BadMessage", "PermissionDenied", "NotSupportedOperation"]
)
@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_an_upload_fails_and_is_tried_again(version, status, charge_point):
    """N01.FR.10: a charge point may send Uploading again upon each try."""
    command = order(charge_point)
    answered(version, command, {"status": "Accepted"})
    bench = Bench(charge_point, version)
    tell(bench, status, command.pk)
    assert (job().state, job().status) == ("failed", status)
    tell(bench, "Uploading", command.pk)
    assert (job().state, job().finished_at) == ("running", None)


def test_the_upload_of_diagnostics_in_1_6(charge_point):
    """§4.4: the messages name no request; they belong to diagnostics, not to logs."""
    answered("1.6", order(charge_point, "diagnostics_get"), {"fileName": "d.zip"})
    answered("1.6", order(charge_point), {"status": "Accepted", "filename": "sec.log"})
    bench = Bench(charge_point, "1.6")
    for status in ("Uploading", "Uploaded", "Idle"):
        assert bench.call("DiagnosticsStatusNotification", {"status": status}) == {}
    assert job(kind="Diagnostics").state == "done"
    assert job(kind="SecurityLog").state == "running"
    assert job(kind="SecurityLog").history == []


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_a_newer_order_gives_up_the_upload_under_way(version, charge_point):
    """N01.FR.12."""
    answered(version, order(charge_point), {"status": "Accepted"})
    answered(version, order(charge_point), {"status": "AcceptedCanceled", "filename": "b"})
    new, old = LogJob.objects.all()
    assert (old.state, old.replaced_by, new.state) == ("cancelled", new, "running")


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
def test_the_end_of_the_older_upload_is_told(version, charge_point):
    """N01.FR.20: whichever of the two the charge point names."""
    first, second = order(charge_point), order(charge_point)
    answered(version, first, {"status": "Accepted"})
    bench = Bench(charge_point, version)
    tell(bench, "AcceptedCanceled", first.pk)
    assert job(command=first).state == "cancelled"
    answered(version, second, {"status": "AcceptedCanceled"})
    tell(bench, "AcceptedCanceled", second.pk)
    assert job(command=second).state == "running"
    tell(bench, "Uploaded", first.pk)
    assert job(command=first).state == "cancelled"


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_what_nobody_ordered_is_kept(version, charge_point):
    bench = Bench(charge_point, version)
    tell(bench, "Idle")
    assert not LogJob.objects.exists()
    tell(bench, "Uploading", 4711)
    tell(bench, "Uploaded", 4711)
    assert (job().unsolicited, job().state, job().request_id) == (True, "done", 4711)
    other = charge_point_create(charge_point.organization)
    tell(Bench(other, version), "Uploading", 4711)
    assert LogJob.objects.count() == 2


def test_a_raw_request_gets_its_job_with_the_answer(charge_point):
    command = command_create(charge_point=charge_point, order="raw", params={}, now=NOW)
    payload = {"requestId": 7, "logType": "SecurityLog", "log": {"remoteLocation": AT}}
    assert meant("2.0.1", command, "GetLog", payload, {"status": "Accepted", "filename": "x"})
    assert (job().request_id, job().kind, job().location, job().file_name) == (7, "SecurityLog", AT, "x")
