"""Orders that a charge point's version cannot carry are refused when they are placed, and nothing is kept."""

import pytest
from django.test import Client

from central.models import ChargePointStatus, Command, CommandSecret, Reservation
from central.models.charge_point_status import BootStatus
from central.models.command import CommandState
from central.ocpp.intents import BUILDERS, ORDERS
from central.services.commands import REMOTE_START
from registry.models import AuditEntry, Event
from registry.models.user import Role
from tests.support.handlers import NOW
from tests.support.orders import placed
from tests.support.world import staff


@pytest.fixture
def api(organization):
    client = Client()
    client.force_login(staff(organization, Role.ADMIN))
    return client


def speaks(charge_point, version):
    ChargePointStatus.objects.update_or_create(charge_point=charge_point, defaults={"ocpp_version": version})


def send(api, path="/api/commands/", **body):
    return api.post(path, body, content_type="application/json")


def kept():
    rows = (Command, CommandSecret, Reservation, AuditEntry, Event)
    return {model: model.objects.count() for model in rows}


@pytest.mark.parametrize(
    ("version", "order"),
    [("1.6", "transaction_status"), ("1.6", "der_get"), ("2.0.1", "tariffs_get")],
)
def test_an_order_that_a_version_does_not_know_is_refused_by_name(version, order, api, charge_point):
    speaks(charge_point, version)
    assert version not in ORDERS[order].versions
    before = kept()
    answer = send(api, order=order, charge_point=charge_point.cp_id)
    sentence = f"OCPP {version} has no such order."
    assert (answer.status_code, answer.json()["fields"]) == (400, {"order": sentence})
    assert kept() == before


def test_where_the_version_is_not_known_the_order_waits(api, charge_point):
    answer = send(api, order="clear_cache", charge_point=charge_point.cp_id)
    assert answer.status_code == 202
    answer = send(api, order="tariffs_get", charge_point=charge_point.cp_id)
    assert answer.status_code == 202, answer.content


@pytest.mark.parametrize(
    ("version", "order", "params", "field"),
    [
        ("1.6", "reset", {"kind": "resume"}, "kind"),
        ("1.6", "reset", {"kind": "gentle", "evse_number": 1}, "evse_number"),
        ("2.0.1", "reset", {"kind": "resume"}, "kind"),
        (
            "1.6",
            "reserve",
            {"id_tag": "A", "expires_at": "2099-01-01T10:00:00Z", "connector_type": "cCCS2"},
            "connector_type",
        ),
        ("1.6", "remote_start", {"id_tag": "X" * 21}, ""),
    ],
)
def test_what_a_version_cannot_say_is_refused_by_name(version, order, params, field, api, charge_point):
    speaks(charge_point, version)
    before = kept()
    answer = send(api, order=order, charge_point=charge_point.cp_id, params=params)
    assert answer.status_code == 400, answer.content
    faults = answer.json()["fields"]["params"]
    assert list(faults) == [field] if field else "20 characters" in faults[0]
    assert "OCPP" in str(faults)
    assert kept() == before


def test_the_addresses_of_ocpp_control_refuse_alike(api, charge_point):
    speaks(charge_point, "2.1")
    answer = send(api, "/api/ocpp/reboot", charger_id=charge_point.cp_id, type="ImmediateAndResume")
    assert answer.status_code == 202
    speaks(charge_point, "1.6")
    answer = send(api, "/api/ocpp/reboot", charger_id=charge_point.cp_id, type="ImmediateAndResume")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["kind"])


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_services_for_drivers_are_refused_while_it_waits_to_be_accepted(version, api, charge_point):
    """1.6 §4.2, 2.x B02.FR.05: it may be asked and configured, no more."""
    ChargePointStatus.objects.create(
        charge_point=charge_point, ocpp_version=version, boot_status=BootStatus.PENDING
    )
    params = {"id_tag": "AB12", "evse_number": 1}
    answer = send(api, order=REMOTE_START, charge_point=charge_point.cp_id, params=params)
    assert (answer.status_code, "accept it first" in answer.json()["detail"]) == (409, True)
    assert not Command.objects.exists()
    assert send(api, order="clear_cache", charge_point=charge_point.cp_id).status_code == 202


def test_a_repeat_to_a_version_that_does_not_know_it_is_refused(api, charge_point):
    command = placed(charge_point, "transaction_status")
    Command.objects.update(state=CommandState.TIMED_OUT, finished_at=NOW)
    speaks(charge_point, "1.6")
    answer = send(api, f"/api/commands/{command.uid}/retry/")
    assert (answer.status_code, answer.json()["detail"]) == (409, "OCPP 1.6 has no such order.")


def test_trying_leaves_nothing_behind_and_our_own_mistakes_refuse_nothing(api, charge_point, monkeypatch):
    """The password of a rotation is made when it leaves, not when it is tried; a bug is not the caller's."""
    speaks(charge_point, "1.6")
    placed(charge_point, "password_rotate")
    charge_point.refresh_from_db()
    assert charge_point.pending_credential_hash == ""

    def broken(version, command):
        raise KeyError("a bug")

    monkeypatch.setitem(BUILDERS, ("1.6", REMOTE_START), broken)
    answer = send(api, order=REMOTE_START, charge_point=charge_point.cp_id, params={"id_tag": "AB12"})
    assert answer.status_code == 202
