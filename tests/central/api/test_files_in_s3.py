"""Files in an S3-compatible store: brought, read in ranges, removed, as in a folder."""

from typing import Any

import boto3
import pytest
from django.core.files.storage import default_storage
from django.test import Client
from moto.server import ThreadedMotoServer

from central.models import FirmwareImage, LogUpload
from central.services.log_uploads import log_files_drop_old
from emobility.lib.clock import utc_now
from registry.models import ExportJob
from tests.central.api.test_exports import work
from tests.central.api.test_files import IMAGE, add_image, ask, body, fetch_path, put
from tests.support.world import staff

pytestmark = pytest.mark.integration
KEYS = {"aws_access_key_id": "key", "aws_secret_access_key": "secret", "region_name": "eu-central-1"}


@pytest.fixture(scope="module")
def endpoint():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(endpoint, settings):
    resource = boto3.resource("s3", endpoint_url=endpoint, **KEYS)
    made = resource.Bucket("files")
    made.create(CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    options = {
        "bucket_name": "files",
        "endpoint_url": endpoint,
        "region_name": "eu-central-1",
        "access_key": "key",
        "secret_key": "secret",
        "file_overwrite": False,
        "location": "platform",
    }
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    }
    settings.FILES_PUBLIC_URL = "https://charge.example"
    settings.FILES_LOG_LINK_HOURS = settings.FILES_FIRMWARE_LINK_DAYS = 24 * 3650
    yield made
    made.objects.delete()
    made.delete()


@pytest.fixture
def operator(charge_point):
    client = Client()
    client.force_login(staff(charge_point.organization, "operator"))
    return client


def test_files_live_in_the_bucket_alone(bucket, charge_point, operator):
    storage: Any = default_storage
    assert storage.bucket.name == "files"
    _, path = ask(charge_point)
    assert put(path, b"log " * 1000).status_code == 201
    upload = LogUpload.objects.get()
    assert [each.key for each in bucket.objects.all()] == [f"platform/{upload.file.name}"]
    assert body(operator.get(f"/api/brought-logs/{upload.pk}/file/")) == b"log " * 1000
    LogUpload.objects.update(brought_at=utc_now().replace(year=2020))
    assert log_files_drop_old(now=utc_now(), keep_days=1) == 1
    assert list(bucket.objects.all()) == []


def test_a_range_of_firmware_is_a_range_of_the_object(bucket, charge_point, operator):
    path, image = fetch_path(charge_point, operator)
    assert body(Client().get(path)) == IMAGE
    part = Client().get(path, headers={"range": "bytes=300-309"})
    assert (part.status_code, body(part)) == (206, IMAGE[300:310])
    assert add_image(operator).status_code == 409
    assert FirmwareImage.objects.count() == len(list(bucket.objects.all())) == 1
    assert image.file.name


def test_an_export_is_put_there_and_fetched_from_there(bucket, charge_point, operator):
    order = {"table": "audit", "format": "csv"}
    assert operator.post("/api/export-jobs/", order, content_type="application/json").status_code == 202
    assert work() == 1
    job = ExportJob.objects.get()
    assert [each.key for each in bucket.objects.all()] == [f"platform/{job.file.name}"]
    assert body(operator.get(f"/api/export-jobs/{job.uid}/file/")).startswith(b'"id"')
