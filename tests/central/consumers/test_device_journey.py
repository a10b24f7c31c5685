"""Firmware, logs, messages and customer information over the wire: from REST to what the pages show."""

import pytest
from django.test import Client

from central.models import CustomerInformation, DisplayMessage, FirmwareJob, LogJob
from emobility.lib import bell
from tests.support.messages import stamp
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
    """Ordered before anybody knew its version."""
    later = "2030-01-01T00:00:00Z"
    ordered(operator, "firmware_update", location="https://files.example/fw", install_at=later)
    with enrolled.plug_in("1.6") as charger:
        charger.boot()

        def state():
            assert bell.drain()
            return FirmwareJob.objects.get().state

        eventually(lambda: state() == "refused")
    assert "unsigned" in FirmwareJob.objects.get().status_info


def rows(operator, path):
    return operator.get(f"/api/{path}/?charge_point=CP-1").json()["results"]


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_a_log_from_the_order_to_the_upload(enrolled, operator, version):
    with enrolled.plug_in(
        version, handlers={"GetLog": {"status": "Accepted", "filename": "s.log"}}
    ) as charger:
        charger.boot()
        ordered(operator, "log_get", location=SECRET, log="SecurityLog")
        eventually(lambda: LogJob.objects.get().state == "running")
        number = dict(charger.calls)["GetLog"]["requestId"]
        charger.call("LogStatusNotification", {"status": "Uploaded", "requestId": number})
    (row,) = rows(operator, "log-uploads")
    assert (row["file_name"], row["state"], row["request_id"]) == ("s.log", "done", number)
    assert "s.log" in operator.get("/admin/central/logjob/").content.decode()


def test_a_message_from_the_order_to_its_end(enrolled, operator):
    taken = {"status": "Accepted"}
    names = ("SetDisplayMessage", "GetDisplayMessages")
    with enrolled.plug_in("2.1", handlers=dict.fromkeys(names, taken)) as charger:
        charger.boot()
        ordered(operator, "display_message_set", text="Welcome", language="en", translations="de: Willkommen")
        eventually(lambda: DisplayMessage.objects.get().state == "installed")
        ordered(operator, "display_messages_get")
        eventually(lambda: "GetDisplayMessages" in dict(charger.calls))
        number = dict(charger.calls)["GetDisplayMessages"]["requestId"]
        told = {"id": 9, "priority": "InFront", "message": {"format": "UTF8", "content": "Theirs"}}
        charger.call("NotifyDisplayMessages", {"requestId": number, "messageInfo": [told]})
    assert [(row["number"], row["state"]) for row in rows(operator, "display-messages")] == [
        (9, "installed"),
        (1, "removed"),
    ]
    page = operator.get(f"/admin/central/displaymessage/{DisplayMessage.objects.get(number=1).pk}/change/")
    assert "Willkommen" in page.content.decode()


def test_customer_information_from_the_order_to_the_text(enrolled, operator):
    with enrolled.plug_in("2.0.1", handlers={"CustomerInformation": {"status": "Accepted"}}) as charger:
        charger.boot()
        ordered(operator, "customer_information", report=True, customer_identifier="ann@example.org")
        eventually(lambda: CustomerInformation.objects.get().state == "running")
        number = dict(charger.calls)["CustomerInformation"]["requestId"]
        assert dict(charger.calls)["CustomerInformation"]["customerIdentifier"] == "ann@example.org"
        part = {"requestId": number, "generatedAt": stamp()}
        charger.call("NotifyCustomerInformation", part | {"seqNo": 1, "data": "of Ann"})
        charger.call("NotifyCustomerInformation", part | {"seqNo": 0, "data": "All ", "tbc": True})
    (row,) = rows(operator, "customer-information")
    assert (row["state"], row["text"], row["missing"]) == ("done", "All of Ann", [])
    messages = operator.get("/api/messages/").content.decode()
    assert "NotifyCustomerInformation" in messages
    assert "ann@example" not in messages
    assert "of Ann" not in messages
