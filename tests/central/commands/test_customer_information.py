"""Customer information: 2.x N09, N10; personal, so for few eyes and not for long."""

from datetime import timedelta

import pytest
from django.db import connection

from central.models import Command, CustomerInformation, LocalList, LocalListEntry
from central.ocpp.intents import ORDERS
from central.ocpp.masking import masked
from central.services.customer_information import customer_information_sweep
from emobility.lib.errors import Invalid
from registry.models import AuditEntry, Event
from tests.support.handlers import NOW, Bench, token_create
from tests.support.messages import stamp
from tests.support.power import answered, built, meant, placed
from tests.support.world import staff

VERSIONS = ["2.0.1", "2.1"]
HASHES = {
    "hash_algorithm": "SHA256",
    "issuer_name_hash": "aa",
    "issuer_key_hash": "bb",
    "serial_number": "0c",
}


def order(charge_point, **params):
    return placed(charge_point, "customer_information", **{"report": True, "id_tag": "TAG-1", **params})


def job():
    return CustomerInformation.objects.get()


def asked(charge_point, **params):
    command = order(charge_point, **params)
    assert answered("2.0.1", command, {"status": "Accepted"})
    return command.pk


def part(charge_point, number, seq, data, more=False, now=NOW, version="2.0.1"):
    payload = {"requestId": number, "seqNo": seq, "data": data, "generatedAt": stamp(now)}
    bench = Bench(charge_point, version, now)
    assert bench.call("NotifyCustomerInformation", payload | ({"tbc": True} if more else {})) == {}


def test_1_6_keeps_nothing():
    assert ORDERS["customer_information"].versions == ("2.0.1", "2.1")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("params", "customer"),
    [
        ({"id_tag": "tag-1"}, {"idToken": {"idToken": "Tag-1", "type": "eMAID"}}),
        ({"id_tag": "X", "id_tag_type": "KeyCode"}, {"idToken": {"idToken": "X", "type": "KeyCode"}}),
        ({"id_tag": "", "customer_identifier": "Ann"}, {"customerIdentifier": "Ann"}),
        (
            {"id_tag": "", **HASHES},
            {
                "customerCertificate": {
                    "hashAlgorithm": "SHA256",
                    "issuerNameHash": "aa",
                    "issuerKeyHash": "bb",
                    "serialNumber": "0c",
                }
            },
        ),
    ],
)
def test_the_customer_is_named_in_one_way(version, params, customer, organization, charge_point):
    """N09.FR.04."""
    token_create(organization, "Tag-1", token_type="eMAID")
    command = order(charge_point, clear=True, **params)
    assert built(version, command) == (
        "CustomerInformation",
        {"requestId": command.pk, "report": True, "clear": True, **customer},
    )


@pytest.mark.parametrize(
    "params",
    [
        {"report": False},
        {"id_tag": ""},
        {"customer_identifier": "Ann"},
        {"id_tag": "", "serial_number": "0c"},
        {"id_tag": "", **HASHES, "hash_algorithm": "MD5"},
    ],
)
def test_a_wrong_question_is_refused(params, charge_point):
    """N09.FR.07, N09.FR.09."""
    with pytest.raises(Invalid):
        order(charge_point, **params)
    assert not CustomerInformation.objects.exists()


def test_a_tag_too_long_for_2_0_1_is_told(charge_point):
    command = order(charge_point, id_tag="T" * 40, id_tag_type="Central")
    assert built("2.1", command)
    with pytest.raises(ValueError, match="36 characters"):
        built("2.0.1", command)


@pytest.mark.parametrize("version", VERSIONS)
def test_parts_make_the_whole(version, charge_point):
    """N09.FR.05."""
    number = asked(charge_point)
    assert (job().state, job().subject, job().subject_kind) == ("running", "TAG-1", "idToken")
    part(charge_point, number, 0, "name: Ann;", more=True, version=version)
    part(charge_point, number, 1, " calls: 3", version=version)
    assert (job().state, job().text, job().missing) == ("done", "name: Ann; calls: 3", [])
    assert (job().finished_at, job().generated_at) == (NOW, NOW)


def test_parts_come_twice_in_any_order_and_with_gaps(charge_point):
    number = asked(charge_point)
    part(charge_point, number, 3, "d")
    part(charge_point, number, 0, "a", more=True)
    part(charge_point, number, 0, "a", more=True)
    assert (job().state, job().missing, job().text) == ("running", [1, 2], "ad")
    part(charge_point, number, 2, "c", more=True)
    part(charge_point, number, 1, "b", more=True)
    assert (job().state, job().text) == ("done", "abcd")
    part(charge_point, number, 1, "b", more=True)
    assert job().state == "done"


def test_a_report_that_does_not_go_on_is_incomplete_until_it_does(charge_point):
    number = asked(charge_point)
    part(charge_point, number, 0, "a", more=True)
    assert customer_information_sweep(now=NOW + timedelta(minutes=5)) == 0
    later = NOW + timedelta(minutes=16)
    assert customer_information_sweep(now=later) == 1
    assert (job().state, job().text) == ("failed", "a")
    part(charge_point, number, 1, "b", now=later)
    assert job().state == "done"


def test_a_report_that_never_begins_is_incomplete(charge_point):
    number = asked(charge_point)
    Command.objects.filter(pk=number).update(state="accepted", finished_at=NOW)
    assert customer_information_sweep(now=NOW + timedelta(minutes=16)) == 1
    assert job().state == "failed"


@pytest.mark.parametrize("seq", [-1, 5000, 2**63 - 1])
def test_nonsense_of_a_part_is_answered_and_left_out(seq, charge_point):
    part(charge_point, asked(charge_point), seq, "x")
    assert (job().parts, job().state) == ({}, "running")


@pytest.mark.parametrize("status", ["Rejected", "Invalid"])
@pytest.mark.parametrize("version", VERSIONS)
def test_a_refusal(version, status, charge_point):
    """N09.FR.03, N09.FR.09."""
    info = {"reasonCode": "Busy"}
    assert not answered(version, order(charge_point), {"status": status, "statusInfo": info})
    assert (job().state, job().answer, job().status_info) == ("refused", status, "Busy")


def test_what_nobody_asked_for_is_kept_and_deleted_in_time_too(charge_point, settings):
    settings.OCPP_CUSTOMER_INFORMATION_KEEP_DAYS = 7
    part(charge_point, 4711, 0, "x")
    assert (job().unsolicited, job().state, job().text) == (True, "done", "x")
    assert job().delete_on == (NOW + timedelta(days=7)).date()


def test_its_day_comes_and_all_that_is_personal_goes(charge_point):
    number = asked(charge_point)
    part(charge_point, number, 0, "name: Ann")
    assert customer_information_sweep(now=NOW + timedelta(days=29)) == 0
    end = NOW + timedelta(days=30)
    assert customer_information_sweep(now=end) == 1
    row = job()
    assert (row.parts, row.subject, row.deleted_at, row.state) == ({}, "", end, "done")
    assert Command.objects.get().params == {"report": True, "clear": False, "unlist": False}
    with pytest.raises(ValueError, match="deleted"):
        built("2.0.1", row.command)
    part(charge_point, number, 0, "name: Ann")
    assert job().parts == {}
    assert customer_information_sweep(now=end) == 0


def test_nowhere_else_stands_who_it_was(charge_point, organization):
    """Orders, facts and the message log keep neither the customer nor what was told."""
    command = placed(
        charge_point,
        "customer_information",
        report=True,
        customer_identifier="ann@example.org",
    )
    payload = built("2.0.1", command)[1]
    assert payload["customerIdentifier"] == "ann@example.org"
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM central_command")
        orders = cursor.fetchall()
    kept = [orders, list(Event.objects.values()), list(AuditEntry.objects.values())]
    assert "ann@" not in str([*kept, masked("CustomerInformation", payload)])
    told = {"requestId": 1, "seqNo": 0, "data": "ann@example.org", "generatedAt": stamp(NOW)}
    assert masked("NotifyCustomerInformation", told) == told | {"data": "***"}


@pytest.mark.parametrize(
    ("params", "listed", "sent"),
    [
        ({"clear": True, "unlist": True}, "Tag-1", True),
        ({"clear": True, "unlist": True}, "TAG-2", False),
        ({"clear": True}, "TAG-1", False),
        ({"unlist": True}, "TAG-1", False),
    ],
)
def test_the_local_list_is_ours_to_change(params, listed, sent, charge_point):
    """N10.FR.02: the charge point clears all but its local list."""
    rows = LocalList.objects.create(charge_point=charge_point, version=3)
    LocalListEntry.objects.create(local_list=rows, uid=listed, uid_key=listed.upper())
    asked(charge_point, **params)
    changes = Command.objects.filter(order="local_list_send")
    assert [each.params["entries"] for each in changes] == ([listed] if sent else [])


def test_a_raw_question_gets_its_job_with_the_answer(charge_point):
    command = Command.objects.get(pk=asked(charge_point))
    payload = {"requestId": 9, "report": False, "clear": True, "customerIdentifier": "Ann"}
    CustomerInformation.objects.all().delete()
    assert meant("2.1", command, "CustomerInformation", payload, {"status": "Accepted"})
    assert (job().request_id, job().report, job().clear, job().subject) == (9, False, True, "Ann")


@pytest.mark.parametrize(("role", "status"), [("operator", 200), ("viewer", 403), ("maintenance", 403)])
def test_only_those_who_operate_may_read_it(role, status, charge_point, client):
    part(charge_point, asked(charge_point), 0, "name: Ann")
    client.force_login(staff(charge_point.organization, role))
    for path in ("/api/customer-information/", f"/admin/central/customerinformation/{job().pk}/change/"):
        answer = client.get(path)
        assert answer.status_code == status
        assert ("name: Ann" in answer.content.decode()) is (status == 200)
    page = client.get(f"/admin/registry/chargepoint/{charge_point.pk}/change/").content.decode()
    assert ("/admin/central/customerinformation/" in page) is (status == 200)


def test_a_person_deletes_it_at_once(charge_point, client):
    part(charge_point, asked(charge_point), 0, "name: Ann")
    client.force_login(staff(charge_point.organization, "operator"))
    page = f"/admin/central/customerinformation/{job().pk}"
    assert client.post(f"{page}/do/wipe/").status_code == 302
    assert job().deleted_at
    assert AuditEntry.objects.filter(action="customer_information.deleted").count() == 1
    assert client.post(f"{page}/do/wipe/").status_code == 409
    assert "It was deleted" in client.get(f"{page}/change/").content.decode()
