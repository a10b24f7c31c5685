"""Firmware from REST to the boot that confirms it, over the wire."""

import pytest
from django.test import Client

from central.models import FirmwareJob
from emobility.lib import bell
from tests.support.wait import eventually
from tests.support.world import staff

pytestmark = pytest.mark.integration
SECRET = "ftp://robot:hunter2@10.0.0.7/fw.bin"


@pytest.fixture
def operator(enrolled):
    client = Client()
    client.force_login(staff(enrolled.row.organization, "operator"))
    return client


def ordered(operator, order, **params):
    body = {"order": order, "charge_point": "CP-1", "params": params}
    answer = operator.post("/api/commands/", body, content_type="application/json")
    assert answer.status_code == 202, answer.content
    return answer.json()["url"]


def station(version, firmware):
    if version == "1.6":
        return {"firmwareVersion": firmware}
    return {"chargingStation": {"vendorName": "Acme", "model": "One", "firmwareVersion": firmware}}


@pytest.mark.parametrize("version", ["1.6", "2.1"])
def test_firmware_from_the_order_to_the_boot(enrolled, operator, version):
    answers = {"UpdateFirmware": {} if version == "1.6" else {"status": "Accepted"}}
    with enrolled.plug_in(version, handlers=answers) as charger:
        charger.boot(**station(version, "1.0"))
        url = ordered(operator, "firmware_update", location=SECRET)
        eventually(lambda: FirmwareJob.objects.get().state == "running")
        sent = dict(charger.calls)["UpdateFirmware"]
        assert SECRET in (sent.get("location"), sent.get("firmware", {}).get("location"))
        number = {} if version == "1.6" else {"requestId": sent["requestId"]}
        for status in ("Downloading", "Installing"):
            charger.call("FirmwareStatusNotification", {"status": status} | number)
        charger.boot(**station(version, "1.1"))
    (row,) = operator.get("/api/firmware-jobs/?charge_point=CP-1&state=done").json()["results"]
    assert (row["version_before"], row["version_after"], row["status"]) == ("1.0", "1.1", "Installing")
    assert [each["status"] for each in row["history"]] == ["Downloading", "Installing"]
    page = operator.get(f"/admin/central/firmwarejob/{row['id']}/change/").content.decode()
    command = operator.get(url).content.decode()
    messages = operator.get("/admin/central/message/").content.decode()
    assert "robot:***@10.0.0.7" in page
    assert "hunter2" not in page + command + messages


def test_an_order_that_the_version_cannot_carry_ends_its_job(enrolled, operator):
    with enrolled.plug_in("1.6") as charger:
        charger.boot()
        later = "2030-01-01T00:00:00Z"
        ordered(operator, "firmware_update", location="https://files.example/fw", install_at=later)

        def state():
            assert bell.drain()
            return FirmwareJob.objects.get().state

        eventually(lambda: state() == "refused")
    assert "unsigned" in FirmwareJob.objects.get().status_info
