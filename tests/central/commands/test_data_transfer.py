"""Our own vendor messages (1.6 §5.6, 2.x P01): kept beside those that come in, with their answers."""

import pytest
from django.test import Client

from central.models import DataTransfer
from registry.models.user import Role
from tests.support.orders import answered, built, placed
from tests.support.world import staff

ORDER = "data_transfer"
VENDOR = "com.example.ours"


@pytest.mark.parametrize(
    ("version", "content", "expected"),
    [
        ("1.6", '{"a": 1}', '{"a": 1}'),
        ("2.0.1", '{"a": 1}', {"a": 1}),
        ("2.1", "plain", "plain"),
    ],
)
def test_data_travels_as_the_version_likes_it(version, content, expected, charge_point):
    command = placed(charge_point, ORDER, vendor_id=VENDOR, message="Ask", content=content)
    assert built(version, command) == (
        "DataTransfer",
        {"vendorId": VENDOR, "messageId": "Ask", "data": expected},
    )


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
@pytest.mark.parametrize("status", ["Accepted", "Rejected", "UnknownMessageId", "UnknownVendorId"])
def test_message_and_answer_are_kept(version, status, charge_point):
    command = placed(charge_point, ORDER, vendor_id=VENDOR, content='{"a": 1}')
    answer = {"status": status, "data": '{"b": 2}'}
    assert answered(version, command, answer) is (status == "Accepted")
    kept = DataTransfer.objects.get()
    assert (kept.direction, kept.vendor_id, kept.data, kept.status, kept.answer, kept.command) == (
        "out",
        VENDOR,
        {"a": 1},
        status,
        {"b": 2},
        command,
    )


def test_it_is_seen_beside_those_that_came(organization, charge_point):
    DataTransfer.objects.create(
        charge_point=charge_point, vendor_id="theirs", status="Accepted", at=charge_point.registered_at
    )
    command = placed(charge_point, ORDER, vendor_id=VENDOR)
    answered("1.6", command, {"status": "Accepted"})
    client = Client()
    client.force_login(staff(organization, Role.VIEWER))
    rows = client.get("/api/data-transfers/").json()["results"]
    assert [(row["direction"], row["vendor_id"]) for row in rows] == [("out", VENDOR), ("in", "theirs")]
    assert len(client.get("/api/data-transfers/", {"direction": "out"}).json()["results"]) == 1
    assert VENDOR in client.get("/admin/central/datatransfer/").content.decode()
