"""Firmware orders and their answers: 1.6 §5.19 and extension L01; 2.x L01-L04."""

from datetime import timedelta

import pytest

from central.models import Command, FirmwareJob
from central.ocpp.intents import ORDERS
from central.services.command_delivery import command_answered
from central.services.commands import command_cancel, command_create
from central.services.jobs import jobs_undelivered
from emobility.lib.clock import utc_now
from emobility.lib.errors import Conflict, Invalid
from registry.models import AuditEntry, Event
from tests.support.handlers import NOW
from tests.support.power import answered, built, meant, placed
from tests.support.world import staff

AT = "https://files.example/fw-2.bin"
SIGNED = {"signing_certificate": "-----BEGIN CERTIFICATE-----", "signature": "c2ln"}


def order(charge_point, **params):
    return placed(charge_point, "firmware_update", **{"location": AT, **params})


def job():
    return FirmwareJob.objects.get()


def test_an_update_is_a_job_from_the_beginning(charge_point):
    command = order(charge_point, version="2.0", retries=3, retry_interval=60)
    row = job()
    assert (row.command, row.request_id, row.state, row.kind) == (command, command.pk, "ordered", "update")
    assert (row.location, row.retries, row.retry_interval, row.version_expected) == (AT, 3, 60, "2.0")
    assert (row.retrieve_at, row.signed, row.unsolicited) == (NOW, False, False)


def test_the_unsigned_request_of_1_6(charge_point):
    """1.6 §6.55."""
    command = order(charge_point, retries=3, retry_interval=60, retrieve_at="2026-03-03T08:00:00+01:00")
    assert built("1.6", command) == (
        "UpdateFirmware",
        {"location": AT, "retrieveDate": "2026-03-03T07:00:00.000Z", "retries": 3, "retryInterval": 60},
    )


def test_the_signed_request_of_1_6(charge_point):
    """Security white paper §5.21."""
    command = order(charge_point, install_at="2026-03-04T08:00:00Z", **SIGNED)
    assert job().signed
    assert built("1.6", command) == (
        "SignedUpdateFirmware",
        {
            "requestId": command.pk,
            "firmware": {
                "location": AT,
                "retrieveDateTime": "2026-03-02T12:00:00.000Z",
                "installDateTime": "2026-03-04T08:00:00.000Z",
                "signingCertificate": SIGNED["signing_certificate"],
                "signature": SIGNED["signature"],
            },
        },
    )


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
@pytest.mark.parametrize("signed", [{}, SIGNED])
def test_the_request_of_2(version, signed, charge_point):
    command = order(charge_point, **signed)
    action, payload = built(version, command)
    assert (action, payload["requestId"]) == ("UpdateFirmware", command.pk)
    assert ("signature" in payload["firmware"]) is bool(signed)


def test_what_a_version_cannot_say_is_told(charge_point):
    with pytest.raises(ValueError, match="unsigned"):
        built("1.6", order(charge_point, install_at="2026-03-04T08:00:00Z"))
    long = order(charge_point, location=f"https://files.example/{'x' * 600}", replace=True)
    with pytest.raises(ValueError, match="512"):
        built("2.0.1", long)
    assert built("2.1", long)


@pytest.mark.parametrize(
    "location",
    ["ftp://user@10.0.0.7/fw", "sftp://nas/fw", "http://192.168.1.4:8080/fw", "ftps://[fe80::1]/f", AT],
)
def test_any_host_will_do(location, charge_point):
    assert built("2.0.1", order(charge_point, location=location))[1]["firmware"]["location"] == location


@pytest.mark.parametrize(
    "params",
    [
        {"location": "file:///etc/passwd"},
        {"location": "https://"},
        {"location": "nonsense"},
        {"location": "https://a b/c"},
        {"location": "http://host:port/"},
        {"location": AT, "retries": -1},
        {"location": AT, "signature": "c2ln"},
        {"location": AT, "signing_certificate": "x"},
        {},
    ],
)
def test_a_wrong_order_is_refused(params, charge_point):
    with pytest.raises(Invalid):
        placed(charge_point, "firmware_update", **params)
    assert not FirmwareJob.objects.exists()
    assert not Command.objects.exists()


def test_a_password_in_the_address_is_sent_and_nowhere_shown(charge_point, organization):
    """RELIABILITY T7: secrets are not kept in clear."""
    secret = "ftp://robot:hunter2@10.0.0.7/fw.bin"
    command = order(charge_point, location=secret)
    assert built("2.0.1", command)[1]["firmware"]["location"] == secret
    assert job().location == "ftp://robot:***@10.0.0.7/fw.bin"
    kept = [
        Command.objects.values("params", "request", "error"),
        AuditEntry.objects.values(),
        Event.objects.values(),
    ]
    assert "hunter2" not in str([list(rows) for rows in kept])


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_an_accepted_update_is_under_way(version, charge_point):
    assert answered(version, order(charge_point, **SIGNED), {"status": "Accepted"})
    assert (job().state, job().answer) == ("running", "Accepted")
    assert Event.objects.get(kind="firmware.status").data["state"] == "running"


def test_the_empty_answer_of_1_6_takes_the_update(charge_point):
    assert answered("1.6", order(charge_point), {})
    assert (job().state, job().answer) == ("running", "Accepted")


@pytest.mark.parametrize("status", ["Rejected", "InvalidCertificate", "RevokedCertificate"])
@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_a_refusal_keeps_its_reason(version, status, charge_point):
    """L01.FR.22; white paper L01.FR.24, L01.FR.25."""
    more = {} if version == "1.6" else {"statusInfo": {"reasonCode": "InvalidCert", "additionalInfo": "old"}}
    assert not answered(version, order(charge_point, **SIGNED), {"status": status, **more})
    assert (job().state, job().answer, job().finished_at) == ("refused", status, NOW)
    assert job().status_info == ("InvalidCert old" if more else "")


def test_a_second_update_says_that_it_gives_up_the_first(charge_point):
    answered("2.0.1", order(charge_point), {"status": "Accepted"})
    with pytest.raises(Conflict, match="give it up") as refusal:
        order(charge_point)
    assert set(refusal.value.fields) == {"replace"}
    assert Command.objects.count() == 1


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_accepted_canceled_gives_up_the_update_before(version, charge_point):
    """L01.FR.24, L02.FR.15: the charge point cancels the ongoing update."""
    answered(version, order(charge_point, **SIGNED), {"status": "Accepted"})
    answered(version, order(charge_point, replace=True, **SIGNED), {"status": "AcceptedCanceled"})
    new, old = FirmwareJob.objects.all()
    assert (old.state, old.replaced_by, old.finished_at) == ("cancelled", new, NOW)
    assert (new.state, new.answer) == ("running", "AcceptedCanceled")


def test_an_update_that_went_on_stays_where_the_new_one_is_refused(charge_point):
    """L01.FR.27."""
    answered("2.0.1", order(charge_point), {"status": "Accepted"})
    answered("2.0.1", order(charge_point, replace=True), {"status": "Rejected"})
    new, old = FirmwareJob.objects.all()
    assert (old.state, new.state) == ("running", "refused")


def test_a_job_that_was_silent_for_a_week_hinders_nobody(charge_point):
    answered("2.0.1", order(charge_point), {"status": "Accepted"})
    later = NOW + timedelta(days=8)
    assert placed(charge_point, "firmware_update", now=later, location=AT)


def test_a_raw_request_gets_its_job_with_the_answer(charge_point):
    command = command_create(charge_point=charge_point, order="raw", params={}, now=NOW)
    firmware = {"location": "ftp://u:p@host/f", "retrieveDateTime": "2026-03-02T12:00:00Z"}
    payload = {"requestId": 7, "firmware": firmware}
    assert meant("2.1", command, "UpdateFirmware", payload, {"status": "Accepted"})
    assert (job().command, job().request_id, job().state) == (command, 7, "running")
    assert job().location == "ftp://u:***@host/f"


@pytest.mark.parametrize(
    ("outcome", "state"),
    [("error", "refused"), ("cancel", "cancelled"), ("expire", "lost")],
)
def test_an_order_that_never_got_an_answer_ends_its_job(outcome, state, charge_point):
    command = order(charge_point)
    if outcome == "error":
        Command.objects.update(state="sent")
        command_answered(command_id=command.pk, answer=None, error="NotSupported: no", now=NOW)
    elif outcome == "cancel":
        command_cancel(command=command, now=NOW)
    else:
        Command.objects.update(state="expired")
    assert jobs_undelivered(now=NOW) == 1
    assert job().state == state
    assert job().status_info == ("NotSupported: no" if outcome == "error" else "")
    assert jobs_undelivered(now=NOW) == 0


def test_a_late_answer_finds_the_job_that_was_given_up(charge_point):
    command = order(charge_point)
    Command.objects.update(state="timed_out")
    jobs_undelivered(command_ids=[command.pk], now=NOW)
    assert job().state == "lost"
    answered("2.0.1", command, {"status": "Accepted"})
    assert (job().state, job().finished_at) == ("running", None)


CHECKSUM = "d41d8cd98f00b204e9800998ecf8427e"


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
def test_a_publication_and_its_end(version, charge_point):
    """2.x L03, L04."""
    command = placed(charge_point, "firmware_publish", location=AT, checksum=CHECKSUM, retries=1)
    assert built(version, command) == (
        "PublishFirmware",
        {"location": AT, "checksum": CHECKSUM, "requestId": command.pk, "retries": 1},
    )
    assert answered(version, command, {"status": "Accepted"})
    FirmwareJob.objects.update(state="done", status="Published", published=["ftp://lc/x"])
    withdraw = placed(charge_point, "firmware_unpublish", checksum=CHECKSUM.upper())
    assert not answered(version, withdraw, {"status": "DownloadOngoing"})
    assert job().published == ["ftp://lc/x"]
    assert answered(version, withdraw, {"status": "Unpublished"})
    assert (job().published, job().status, job().state) == ([], "Unpublished", "done")
    assert not answered(version, withdraw, {"status": "NoFirmware"})


def test_1_6_publishes_nothing():
    for name in ("firmware_publish", "firmware_unpublish"):
        assert ORDERS[name].versions == ("2.0.1", "2.1")


def test_a_publication_hinders_no_update(charge_point):
    placed(charge_point, "firmware_publish", location=AT, checksum=CHECKSUM)
    assert order(charge_point)


def test_the_page_asks_whether_the_running_update_may_be_given_up(charge_point, client):
    answered("2.0.1", order(charge_point, now=utc_now()), {"status": "Accepted"})
    FirmwareJob.objects.update(created_at=utc_now())
    client.force_login(staff(charge_point.organization, "operator"))
    page = f"/admin/registry/chargepoint/{charge_point.pk}/orders/firmware_update/"
    typed = {"location": AT, "how-valid_minutes": "5", "how-attempts": "1"}
    refused = client.post(page, typed)
    assert refused.status_code == 409
    assert "give it up" in refused.content.decode()
    assert client.post(page, typed | {"replace": "on"}).status_code == 302
    assert Command.objects.count() == 2


@pytest.mark.parametrize("role", ["viewer", "partner"])
def test_who_only_looks_updates_nothing(role, charge_point, client):
    client.force_login(staff(charge_point.organization, role))
    body = {"order": "firmware_update", "charge_point": charge_point.cp_id, "params": {"location": AT}}
    assert client.post("/api/commands/", body, content_type="application/json").status_code == 403
    assert not FirmwareJob.objects.exists()
