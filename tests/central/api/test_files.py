"""Files of charge points: a log comes once to an address that nobody guesses, firmware in ranges."""

import hashlib
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from central.models import Command, FirmwareImage, FirmwareJob, FirmwareLink, LogJob, LogUpload, Variable
from central.ocpp.masking import masked
from central.services.firmware_images import firmware_files_drop_old
from central.services.log_uploads import log_files_drop_old
from central.services.transfers import location_of
from emobility.lib.clock import utc_now
from emobility.lib.errors import Conflict, Invalid
from registry.models import AuditEntry, ChargePoint, Event
from tests.support.power import built, placed
from tests.support.world import staff

PUBLIC = "https://charge.example"
IMAGE = bytes(range(256)) * 40


@pytest.fixture(autouse=True)
def _public(settings):
    settings.FILES_PUBLIC_URL = PUBLIC
    # Orders of these tests are placed at a fixed moment in the past.
    settings.FILES_LOG_LINK_HOURS = settings.FILES_FIRMWARE_LINK_DAYS = 24 * 3650


@pytest.fixture
def point(charge_point):
    return charge_point


@pytest.fixture
def operator(point):
    client = Client()
    client.force_login(staff(point.organization, "operator"))
    return client


def ask(point, name="diagnostics_get", **params):
    """The address that an order tells the charge point."""
    command = placed(point, name, **params)
    location = location_of(command.params)
    assert location.startswith(f"{PUBLIC}/files/logs/")
    return command, location.removeprefix(PUBLIC)


def put(path, content=b"what happened", **options):
    return Client().put(path, content, content_type=options.pop("content_type", "application/zip"), **options)


def body(answer):
    return b"".join(answer.streaming_content)


@pytest.mark.parametrize("way", ["put", "post", "form", "put form"])
def test_a_log_is_brought_once_and_kept_whole(point, operator, way):
    _, path = ask(point)
    content = b"line\n" * 1000
    if way == "put":
        answer = put(f"{path}/../../etc/diag.zip", content)
    elif way == "post":
        answer = Client().post(f"{path}/diag.zip", content, content_type="application/x-www-form-urlencoded")
    else:
        file = SimpleUploadedFile("diag.zip", content, content_type="text/html")
        answer = Client().post(path, {"upload": file})
    assert answer.status_code == 201, answer.content
    upload: Any = LogUpload.objects.get()
    assert (upload.name, upload.size) == ("diag.zip", 5000)
    assert upload.sha256 == hashlib.sha256(content).hexdigest() == answer.json()["sha256"]
    assert Event.objects.filter(kind="log.brought").count() == 1
    assert put(path).status_code == 409
    fetched = operator.get(f"/api/brought-logs/{upload.pk}/file/")
    assert body(fetched) == content
    assert fetched["Content-Type"] == "application/octet-stream"
    assert fetched["Content-Disposition"].startswith("attachment")
    assert fetched["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in fetched["Content-Security-Policy"]
    page = operator.get(f"/admin/central/logjob/{upload.job_id}/change/").content.decode()
    assert f"/admin/central/logjob/{upload.job_id}/file/" in page
    assert body(operator.get(f"/admin/central/logjob/{upload.job_id}/file/")) == content
    assert AuditEntry.objects.filter(action="log.fetched").count() == 2


def test_what_did_not_come_whole_may_be_tried_again(point, settings):
    _, path = ask(point)
    settings.FILES_LOG_MAX_MIB = 1
    assert put(path, b"").status_code == 400
    assert put(path, b"x" * (1024 * 1024 + 1)).status_code == 413
    assert LogUpload.objects.get().file.name == ""
    assert put(path, b"x" * 1024 * 1024).status_code == 201


def test_an_address_that_is_unknown_or_over_takes_nothing(point):
    _, path = ask(point)
    assert put("/files/logs/" + "0" * 43).status_code == 404
    assert Client().get(path).status_code == 405
    LogUpload.objects.update(expires_at=utc_now() - timedelta(seconds=1))
    assert put(path).status_code == 404


def test_the_token_is_written_down_nowhere(point, operator):
    command, path = ask(point)
    token = path.rsplit("/", 1)[-1]
    assert len(token) >= 43
    assert put(path).status_code == 201
    action, payload = built("1.6", command)
    kept = [
        *(
            str(vars(row))
            for model in (LogJob, LogUpload, Command, Event, AuditEntry)
            for row in model.objects.all()
        ),
        str(masked(action, payload)),
        operator.get(f"/api/commands/{command.uid}/").content.decode(),
        operator.get("/api/log-uploads/").content.decode(),
    ]
    assert [text for text in kept if token in text] == []
    assert payload["location"].endswith(token)


def test_who_types_an_address_gets_it_and_who_speaks_no_http_is_not_told_ours(point, settings):
    theirs = placed(point, "diagnostics_get", location="ftp://logs.example/in")
    assert location_of(theirs.params) == "ftp://logs.example/in"
    assert LogUpload.objects.count() == 0
    Variable.objects.create(
        charge_point=point,
        variable="SupportedFileTransferProtocols",
        key="supportedfiletransferprotocols",
        attributes={"Actual": {"value": "FTP,SFTP"}},
    )
    with pytest.raises(Conflict, match="FTP,SFTP"):
        placed(point, "diagnostics_get")
    settings.FILES_PUBLIC_URL = ""
    with pytest.raises(Invalid) as refused:
        placed(point, "diagnostics_get")
    assert "location" in refused.value.fields


def test_the_file_of_a_log_goes_when_its_time_is_over(point, operator):
    _, path = ask(point)
    put(path)
    upload: Any = LogUpload.objects.get()
    storage, name = upload.file.storage, upload.file.name
    assert log_files_drop_old(now=utc_now(), keep_days=1) == 0
    assert log_files_drop_old(now=utc_now() + timedelta(days=2), keep_days=1) == 1
    assert not storage.exists(name)
    assert operator.get(f"/api/brought-logs/{upload.pk}/file/").status_code == 404
    assert operator.get(f"/admin/central/logjob/{upload.job_id}/file/").status_code == 404


def add_image(client, **about):
    values = {"vendor": "Acme", "model": "One", "version": "2.0", **about}
    file = SimpleUploadedFile("../fw 2.bin", about.pop("content", IMAGE))
    values.pop("content", None)
    return client.post("/api/firmware-images/", {"file": file, **values})


def test_an_update_with_an_image_tells_an_address_and_the_proofs_of_it(point, operator):
    made = add_image(operator, signature="c2ln", signing_certificate="-----BEGIN CERTIFICATE-----")
    assert made.status_code == 201, made.content
    assert made.json()["sha256"] == hashlib.sha256(IMAGE).hexdigest()
    assert made.json()["name"] == "fw2.bin"
    command = placed(point, "firmware_update", image=made.json()["id"])
    action, payload = built("2.0.1", command)
    firmware = payload["firmware"]
    assert action == "UpdateFirmware"
    assert (firmware["signature"], firmware["signingCertificate"]) == ("c2ln", "-----BEGIN CERTIFICATE-----")
    assert re.fullmatch(rf"{PUBLIC}/files/firmware/[\w-]{{43}}/fw2\.bin", firmware["location"])
    assert built("1.6", command)[0] == "SignedUpdateFirmware"
    job: Any = FirmwareJob.objects.get()
    assert (job.image_id, job.version_expected, job.signed) == (made.json()["id"], "2.0", True)
    assert "***" in job.location
    publish = placed(point, "firmware_publish", image=made.json()["id"])
    assert built("2.1", publish)[1]["checksum"] == hashlib.md5(IMAGE).hexdigest()
    page = operator.get(f"/admin/central/firmwareimage/{job.image_id}/change/").content.decode()
    assert point.cp_id in page


@pytest.mark.parametrize("params", [{}, {"image": 1, "location": "https://x.example/f"}, {"image": 999}])
def test_an_update_needs_an_image_or_an_address(point, params):
    with pytest.raises(Invalid):
        placed(point, "firmware_update", **params)


def test_an_image_is_not_offered_until_the_end_of_time(point, operator):
    image = add_image(operator).json()["id"]
    with pytest.raises(Invalid, match="a year"):
        placed(point, "firmware_update", image=image, retrieve_at="9999-12-31T23:00:00Z")


def test_two_attempts_at_one_file_never_share_its_name(point):
    placed(point, "diagnostics_get")
    upload, name = LogUpload.objects.get(), LogUpload.file.field.generate_filename
    assert name(upload, "log") != name(upload, "log")


def fetch_path(point, operator):
    image = add_image(operator).json()["id"]
    command = placed(point, "firmware_update", image=image)
    return location_of(command.params).removeprefix(PUBLIC), FirmwareImage.objects.get(pk=image)


def test_firmware_is_served_whole_and_in_ranges(point, operator):
    path, image = fetch_path(point, operator)
    client = Client()
    whole = client.get(path)
    assert (whole.status_code, body(whole)) == (200, IMAGE)
    assert (whole["ETag"], whole["Accept-Ranges"], whole["Content-Length"]) == (
        f'"{image.sha256}"',
        "bytes",
        str(len(IMAGE)),
    )
    head = client.head(path)
    assert (head.status_code, head["Content-Length"], head.content) == (200, str(len(IMAGE)), b"")
    size = len(IMAGE)
    for header, part in {
        "bytes=0-9": (0, 10),
        f"bytes={size - 5}-": (size - 5, size),
        "bytes=-7": (size - 7, size),
        f"bytes=100-{size * 2}": (100, size),
    }.items():
        answer = client.get(path, headers={"range": header})
        assert (answer.status_code, body(answer)) == (206, IMAGE[slice(*part)]), header
        assert answer["Content-Range"] == f"bytes {part[0]}-{part[1] - 1}/{size}"
    beyond = client.get(path, headers={"range": f"bytes={size}-"})
    assert (beyond.status_code, beyond["Content-Range"]) == (416, f"bytes */{size}")
    for header in ("bytes=5-2", "bytes=0-1,4-5", "lines=1-2", "bytes=-"):
        assert body(client.get(path, headers={"range": header})) == IMAGE
    for condition, status in {
        whole["ETag"]: 206,
        '"other"': 200,
        whole["Last-Modified"]: 206,
        "Mon, 01 Jan 2024 00:00:00 GMT": 200,
    }.items():
        answer = client.get(path, headers={"range": "bytes=0-9", "if-range": condition})
        assert answer.status_code == status, condition
    link: Any = FirmwareLink.objects.get()
    assert link.fetches > 5
    assert FirmwareLink.objects.filter(digest__contains=path.split("/")[3]).count() == 0


def test_an_address_of_firmware_ends_with_its_time_and_with_the_image(point, operator):
    path, image = fetch_path(point, operator)
    assert operator.delete(f"/api/firmware-images/{image.pk}/").status_code == 409
    assert firmware_files_drop_old(now=utc_now() + timedelta(days=1)) == 0
    assert Client().get(path).status_code == 200
    FirmwareJob.objects.update(state="done")
    assert operator.delete(f"/api/firmware-images/{image.pk}/").status_code == 204
    assert Client().get(path).status_code == 404
    assert operator.get(f"/api/firmware-images/{image.pk}/file/").status_code == 404
    other, _ = fetch_path(point, operator)
    assert Client().get(other).status_code == 200
    FirmwareLink.objects.update(expires_at=utc_now())
    assert Client().get(other).status_code == 404


def test_an_image_whose_time_is_over_goes_once_no_open_job_uses_it(
    point, operator, django_capture_on_commit_callbacks
):
    _, image = fetch_path(point, operator)
    FirmwareImage.objects.update(expires_at=utc_now())
    storage, name = image.file.storage, image.file.name
    assert firmware_files_drop_old(now=utc_now()) == 0
    FirmwareJob.objects.update(state="failed")
    with django_capture_on_commit_callbacks(execute=True):
        assert firmware_files_drop_old(now=utc_now()) == 1
    assert not storage.exists(name)


def test_images_are_refused_that_are_not_what_they_should_be(point, operator, settings):
    assert add_image(operator, sha256="0" * 64).status_code == 400
    assert add_image(operator, signature="c2ln").status_code == 400
    settings.FILES_FIRMWARE_MAX_MIB = 1
    assert add_image(operator, content=b"x" * (1024 * 1024 + 1)).status_code == 413
    assert add_image(operator).status_code == 201
    assert add_image(operator).status_code == 409
    viewer = Client()
    viewer.force_login(staff(point.organization, "viewer"))
    assert add_image(viewer).status_code == 403
    assert FirmwareImage.objects.count() == 1


def test_an_image_is_added_in_the_admin_and_offered_by_the_order(point, operator):
    file = SimpleUploadedFile("fw.bin", IMAGE)
    about = {"vendor": "Acme", "version": "3.1", "file": file}
    added = operator.post("/admin/central/firmwareimage/add/", about)
    image = FirmwareImage.objects.get()
    assert added["Location"] == f"/admin/central/firmwareimage/{image.pk}/change/"
    assert body(operator.get(f"/admin/central/firmwareimage/{image.pk}/file/")) == IMAGE
    point_id = ChargePoint.objects.get(pk=point.pk).pk
    page = operator.get(f"/admin/registry/chargepoint/{point_id}/do/order/firmware_update/")
    if page.status_code == 200:
        assert "Acme 3.1" in page.content.decode()
