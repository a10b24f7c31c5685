"""Firmware statuses move their jobs: 1.6 §4.5 and extension L01, 2.x L01-L03; a boot confirms."""

import pytest

from central.models import FirmwareJob
from registry.models import Event
from tests.support.handlers import NOW, Bench, charge_point_create
from tests.support.messages import boot
from tests.support.power import answered, placed

AT = "https://files.example/fw-2.bin"
SIGNED = {"signing_certificate": "-----BEGIN CERTIFICATE-----", "signature": "c2ln"}
CHECKSUM = "d41d8cd98f00b204e9800998ecf8427e"
WAYS = [("1.6", False), ("1.6", True), ("2.0.1", True), ("2.1", False)]


def begun(charge_point, ocpp, signed=False, **params):
    """The number of an accepted update."""
    more = SIGNED if signed else {}
    command = placed(charge_point, "firmware_update", location=AT, **more, **params)
    answered(ocpp, command, {} if ocpp == "1.6" and not signed else {"status": "Accepted"})
    return command.pk


def tell(bench, status, number=None, signed=False, **more):
    """One status, in the form of the version."""
    action = "SignedFirmwareStatusNotification" if signed and bench.version == "1.6" else None
    payload = {"status": status} | more
    if number is not None and (action or bench.version != "1.6"):
        payload["requestId"] = number
    assert bench.call(action or "FirmwareStatusNotification", payload) == {}


def job(**chosen):
    return FirmwareJob.objects.get(**chosen)


def booted(bench, version):
    changes = {"firmwareVersion": version}
    if bench.version != "1.6":
        station = {"vendorName": "Acme", "model": "One", "firmwareVersion": version}
        changes = {"chargingStation": station}
    bench.call(*boot(bench.version, **changes))


@pytest.mark.parametrize(("version", "signed"), WAYS)
def test_the_way_of_an_update(version, signed, charge_point):
    number = begun(charge_point, version, signed)
    bench = Bench(charge_point, version)
    for minute, status in enumerate(("Downloading", "Downloaded", "Installing")):
        tell(bench.after(minutes=minute), status, number, signed)
    assert (job().state, job().status, job().finished_at) == ("running", "Installing", None)
    end = bench.after(minutes=9)
    tell(end, "Installed", number, signed)
    assert (job().state, job().finished_at, job().status_at) == ("done", end.now, end.now)
    assert [each["status"] for each in job().history] == [
        "Downloading",
        "Downloaded",
        "Installing",
        "Installed",
    ]
    assert Event.objects.filter(kind="firmware.status").count() == 5


@pytest.mark.parametrize(("version", "signed"), WAYS)
@pytest.mark.parametrize("status", ["DownloadFailed", "InstallationFailed"])
def test_a_failure_ends_it(version, signed, status, charge_point):
    number = begun(charge_point, version, signed)
    tell(Bench(charge_point, version), status, number, signed)
    assert (job().state, job().finished_at) == ("failed", NOW)


@pytest.mark.parametrize("status", ["InvalidSignature", "InstallVerificationFailed"])
@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_what_is_not_genuine_fails(version, status, charge_point):
    number = begun(charge_point, version, signed=True)
    tell(Bench(charge_point, version), status, number, signed=True)
    assert job().state == "failed"


@pytest.mark.parametrize(("version", "signed"), WAYS)
def test_a_repeat_changes_nothing(version, signed, charge_point):
    number = begun(charge_point, version, signed)
    bench = Bench(charge_point, version)
    for minute in range(3):
        tell(bench.after(minutes=minute), "Installed", number, signed)
    assert (len(job().history), job().finished_at) == (1, NOW)


def test_a_try_after_a_failed_one_belongs_to_the_same_job(charge_point):
    """1.6 has no request number, and some report each try."""
    begun(charge_point, "1.6", retries=3)
    bench = Bench(charge_point, "1.6")
    for minute, status in enumerate(("Downloading", "DownloadFailed", "Downloading", "Downloaded")):
        tell(bench.after(minutes=minute), status)
    assert (job().state, job().finished_at, len(job().history)) == ("running", None, 4)


def test_a_day_later_it_is_another_job(charge_point):
    begun(charge_point, "1.6")
    bench = Bench(charge_point, "1.6")
    tell(bench, "DownloadFailed")
    tell(bench.after(days=2), "Downloading")
    new, old = FirmwareJob.objects.all()
    assert (old.state, new.state, new.unsolicited) == ("failed", "running", True)


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_what_nobody_ordered_is_kept(version, charge_point):
    bench = Bench(charge_point, version)
    tell(bench, "Downloading", 4711)
    tell(bench, "Installed", 4711)
    row = job()
    assert (row.unsolicited, row.command, row.state, len(row.history)) == (True, None, "done", 2)
    assert row.request_id == (None if version == "1.6" else 4711)


def test_idle_says_nothing_of_the_job(charge_point):
    """L01.FR.25: after a trigger, where nothing goes on."""
    bench = Bench(charge_point, "2.0.1")
    tell(bench, "Idle")
    assert not FirmwareJob.objects.exists()
    assert Event.objects.get(kind="firmware.status").subject == "Idle"
    number = begun(charge_point, "2.0.1")
    tell(bench, "Installed", number)
    tell(bench, "Idle")
    assert (job().state, job().status) == ("done", "Idle")
    assert job().finished_at == NOW


def test_a_job_that_was_given_up_stays_so(charge_point):
    """L01.FR.24: it may still send DownloadFailed for the update that was canceled."""
    old = begun(charge_point, "2.0.1")
    command = placed(charge_point, "firmware_update", location=AT, replace=True)
    answered("2.0.1", command, {"status": "AcceptedCanceled"})
    bench = Bench(charge_point, "2.0.1")
    tell(bench, "DownloadFailed", old)
    tell(bench, "Downloading", command.pk)
    assert (job(request_id=old).state, job(request_id=old).status) == ("cancelled", "DownloadFailed")
    assert job(request_id=command.pk).status == "Downloading"


def test_the_number_counts_within_its_charge_point_only(charge_point):
    number = begun(charge_point, "2.0.1")
    other = charge_point_create(charge_point.organization)
    tell(Bench(other, "2.0.1"), "Installed", number)
    assert job(charge_point=charge_point).state == "running"
    assert job(charge_point=other).unsolicited


def test_more_about_a_status_is_kept(charge_point):
    """2.1 has statusInfo."""
    number = begun(charge_point, "2.1")
    info = {"reasonCode": "NoSpace", "additionalInfo": "3 MB missing"}
    tell(Bench(charge_point, "2.1"), "DownloadFailed", number, statusInfo=info)
    assert job().status_info == "NoSpace 3 MB missing"


def test_a_status_before_the_answer_counts_more(charge_point):
    command = placed(charge_point, "firmware_update", location=AT)
    tell(Bench(charge_point, "2.0.1"), "Installed", command.pk)
    answered("2.0.1", command, {"status": "Accepted"})
    assert (job().state, job().answer) == ("done", "Accepted")


def test_history_has_an_end(charge_point):
    number = begun(charge_point, "2.0.1")
    bench = Bench(charge_point, "2.0.1")
    for _ in range(60):
        tell(bench, "Downloading", number)
        tell(bench, "DownloadPaused", number)
    assert len(job().history) == 100


@pytest.mark.parametrize(("version", "signed"), WAYS)
def test_a_boot_with_another_version_confirms(version, signed, charge_point):
    """Many never send Installed: the version that the boot tells is the proof."""
    bench = Bench(charge_point, version)
    booted(bench, "1.0")
    number = begun(charge_point, version, signed)
    tell(bench, "Installing", number, signed)
    booted(bench.after(minutes=5), "1.1")
    row = job()
    assert (row.version_before, row.version_after, row.state) == ("1.0", "1.1", "done")
    assert row.confirmed_at == row.finished_at == bench.after(minutes=5).now


def test_a_boot_with_the_same_version_confirms_nothing(charge_point):
    bench = Bench(charge_point, "2.0.1")
    booted(bench, "1.0")
    number = begun(charge_point, "2.0.1")
    tell(bench, "Installed", number)
    booted(bench, "1.0")
    booted(bench, "1.0")
    assert (job().version_after, job().confirmed_at) == ("1.0", None)
    assert Event.objects.filter(kind="firmware.status", subject="SameVersion").count() == 1
    booted(bench, "1.1")
    assert job().confirmed_at


def test_the_expected_version_decides_where_it_was_told(charge_point):
    bench = Bench(charge_point, "2.0.1")
    booted(bench, "1.0")
    begun(charge_point, "2.0.1", version="2.0")
    booted(bench, "1.1")
    assert (job().version_after, job().confirmed_at, job().state) == ("1.1", None, "running")
    booted(bench, "2.0")
    assert (job().version_after, job().state) == ("2.0", "done")


def test_an_old_job_is_confirmed_by_nothing(charge_point):
    bench = Bench(charge_point, "2.0.1")
    booted(bench, "1.0")
    begun(charge_point, "2.0.1")
    booted(bench.after(days=30), "1.1")
    assert job().confirmed_at is None


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
def test_the_way_of_a_publication(version, charge_point):
    """L03: the addresses come with Published (FR.04)."""
    command = placed(charge_point, "firmware_publish", location=AT, checksum=CHECKSUM)
    answered(version, command, {"status": "Accepted"})
    bench = Bench(charge_point, version)
    update = begun(charge_point, version)
    for status in ("Downloading", "Downloaded", "ChecksumVerified"):
        bench.call("PublishFirmwareStatusNotification", {"status": status, "requestId": command.pk})
    places = ["http://lc/fw", "ftp://lc/fw"]
    payload = {"status": "Published", "requestId": command.pk, "location": places}
    bench.call("PublishFirmwareStatusNotification", payload)
    row = job(kind="publish")
    assert (row.state, row.published, len(row.history)) == ("done", places, 4)
    assert job(request_id=update, kind="update").history == []


@pytest.mark.parametrize("status", ["DownloadFailed", "InvalidChecksum", "PublishFailed"])
def test_a_publication_fails(status, charge_point):
    command = placed(charge_point, "firmware_publish", location=AT, checksum=CHECKSUM)
    answered("2.0.1", command, {"status": "Accepted"})
    payload = {"status": status, "requestId": command.pk}
    Bench(charge_point, "2.0.1").call("PublishFirmwareStatusNotification", payload)
    assert job().state == "failed"
