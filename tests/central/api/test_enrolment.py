"""What monitors tell Central: `POST /cp/register`, `/cp/{cp_id}/fault`, `/recovered` (document 001)."""

import logging

import pytest

from central.models import ChargePointStatus
from central.signals import charge_point_changed
from emobility.lib import bell
from registry.models import ChargePoint, Event, Organization
from tests.support.registry import BERLIN, bearer, central_face, person, registry_face, rung

ANNOUNCEMENT = {"cp_id": "CP-001", "cp_e_host": "ev-cp-e-1", "cp_e_port": 8001}
NOT_REGISTERED = "CP not registered in EV_Registry or is deregistered"


@pytest.fixture
def organization(db):
    return Organization.objects.create(name="Amber Charging", slug="amber", is_default=True)


@pytest.fixture
def operator(organization):
    return person(organization, "operator")


@pytest.fixture
def registry(operator):
    return registry_face(**bearer(operator))


@pytest.fixture
def central(db):
    return central_face()


@pytest.fixture
def token(registry):
    return registry.post("/cp/register", BERLIN).json()["token"]


@pytest.fixture
def own(token):
    return {"authorization": f"Bearer {token}"}


# --- register -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/cp/register", "/cp/register/"])
def test_a_registered_charge_point_is_taken_and_its_engine_noted(central, own, path):
    answer = central.post(path, ANNOUNCEMENT, **own)
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "message": "CP CP-001 registered"}
    state = ChargePointStatus.objects.get()
    assert (state.charge_point.cp_id, state.engine_host, state.engine_port) == ("CP-001", "ev-cp-e-1", 8001)


def test_the_documents_log_lines_appear(central, own, caplog):
    caplog.set_level(logging.INFO)
    for _ in range(2):
        central.post("/cp/register", ANNOUNCEMENT, **own)
    lines = [record.msg["event"] for record in caplog.records if record.name.startswith("central")]
    validated = "CP CP-001 validated via EV_Registry (location: Berlin)"
    assert lines == [validated, "Registered new CP: CP-001", validated, "Updated existing CP: CP-001"]


def test_without_a_token_nobody_is_taken(central, token):
    assert central.post("/cp/register", ANNOUNCEMENT).status_code == 401
    assert central.post("/cp/register", ANNOUNCEMENT | {"cp_id": "CP-FAKE"}).status_code == 401
    assert not ChargePointStatus.objects.exists()


def test_a_persons_and_a_forged_token_are_none(central, token, operator):
    for headers in (bearer(operator), {"authorization": f"Bearer {token[:-2]}xx"}):
        answer = central.post("/cp/register", ANNOUNCEMENT, **headers)
        assert (answer.status_code, answer.json()["detail"]) == (401, "Invalid token.")


def test_a_logged_in_person_is_not_a_charge_point(central, token, operator):
    central._client.force_login(operator)
    assert central.post("/cp/register", ANNOUNCEMENT).status_code == 401


def test_another_charge_points_token_is_refused(central, registry, own):
    registry.post("/cp/register", BERLIN | {"cp_id": "CP-002"})
    answer = central.post("/cp/register", ANNOUNCEMENT | {"cp_id": "CP-002"}, **own)
    assert answer.status_code == 403
    assert answer.json()["detail"] == "Token cp_id does not match registration"


def test_a_deregistered_charge_point_is_refused(central, registry, own):
    registry.delete("/cp/CP-001")
    answer = central.post("/cp/register", ANNOUNCEMENT, **own)
    assert (answer.status_code, answer.json()["detail"]) == (403, NOT_REGISTERED)


def test_a_token_from_before_a_rotation_is_refused(central, registry, own):
    registry.post("/cp/register", BERLIN)
    assert central.post("/cp/register", ANNOUNCEMENT, **own).status_code == 401


@pytest.mark.parametrize(
    "host", ["localhost", "ev-cp-e-1", "engine.example.org.", "192.0.2.7", "2001:db8::1", "[::1]", "fake"]
)
def test_hosts_of_right_form_are_kept_as_text(central, own, host):
    assert central.post("/cp/register", ANNOUNCEMENT | {"cp_e_host": host}, **own).status_code == 200
    assert ChargePointStatus.objects.get().engine_host == host


@pytest.mark.parametrize(
    "change",
    [
        *(
            {"cp_e_host": host}
            for host in ("", "a b", "http://a", "a/b", "a:1", "-a", "a..b", "é", "x" * 254)
        ),
        *({"cp_e_host": host} for host in ("user@host", "a\nb", "\u0000", None)),
        *({"cp_e_port": port} for port in (0, -1, 65536, "x", None, 1.5)),
    ],
)
def test_hosts_and_ports_of_wrong_form_are_refused(central, own, change):
    answer = central.post("/cp/register", ANNOUNCEMENT | change, **own)
    assert answer.status_code == 400
    assert set(answer.json()["fields"]) == set(change)


# --- development switches -------------------------------------------------------------------------


def test_in_development_an_unknown_id_gets_the_documents_refusal(central, token, settings):
    settings.REGISTRY_OPEN_REGISTRATION = True
    fake = {"cp_id": "CP-FAKE", "cp_e_host": "fake", "cp_e_port": 9999}
    answer = central.post("/cp/register", fake)
    assert (answer.status_code, answer.json()["detail"]) == (403, NOT_REGISTERED)
    assert central.post("/cp/register", ANNOUNCEMENT).status_code == 401
    assert central_face("192.0.2.7").post("/cp/register", fake).status_code == 401


def test_unregistered_charge_points_may_be_allowed_in_development(central, organization, settings):
    settings.CENTRAL_ALLOW_UNREGISTERED = True
    assert central_face("192.0.2.7").post("/cp/register", ANNOUNCEMENT).status_code == 401
    for _ in range(2):
        assert central.post("/cp/register", ANNOUNCEMENT).status_code == 200
    charge_point = ChargePoint.objects.get()
    assert (charge_point.organization, charge_point.credential_hash) == (organization, "")
    assert central.post("/cp/CP-001/fault", {"reason": "smoke"}).status_code == 200
    assert central.post("/cp/register", ANNOUNCEMENT | {"cp_id": "a/b"}).status_code == 400


def test_even_then_a_charge_point_with_a_secret_must_prove_itself(central, token, settings):
    settings.CENTRAL_ALLOW_UNREGISTERED = True
    assert central.post("/cp/register", ANNOUNCEMENT).status_code == 401


# --- fault and recovered --------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_fault_is_a_state_of_its_own_and_goes_again(central, own):
    central.post("/cp/register", ANNOUNCEMENT, **own)
    ChargePointStatus.objects.update(status="Charging")
    assert bell.drain()
    rings, _keep = rung(charge_point_changed)
    assert central.post("/cp/CP-001/fault", {"reason": "engine silent"}, **own).status_code == 200
    state = ChargePointStatus.objects.get()
    assert (state.monitor_state, state.monitor_reason, state.status) == ("FAULT", "engine silent", "Charging")
    assert bell.drain()
    assert rings == [{"charge_point_id": state.pk}]
    assert central.post("/cp/CP-001/recovered/", **own).status_code == 200
    state.refresh_from_db()
    assert (state.monitor_state, state.monitor_reason, state.status) == ("HEALTHY", "", "Charging")
    kinds = list(Event.objects.order_by("id").values_list("kind", flat=True))
    assert kinds[-2:] == ["monitor.fault", "monitor.recovered"]


def test_repeated_reports_are_answered_and_noted_once(central, own):
    for _ in range(5):
        assert central.post("/cp/CP-001/fault", {"reason": "x"}, **own).json()["status"] == "ok"
    assert Event.objects.filter(kind="monitor.fault").count() == 1


@pytest.mark.parametrize("report", ["fault", "recovered"])
def test_only_the_charge_points_own_token_may_report(central, registry, own, operator, report):
    registry.post("/cp/register", BERLIN | {"cp_id": "CP-002"})
    assert central.post(f"/cp/CP-001/{report}").status_code == 401
    assert central.post(f"/cp/CP-001/{report}", **bearer(operator)).status_code == 401
    assert central.post(f"/cp/CP-002/{report}", **own).status_code == 403
    registry.delete("/cp/CP-001")
    assert central.post(f"/cp/CP-001/{report}", **own).status_code == 403
    assert not ChargePointStatus.objects.exists()


@pytest.mark.parametrize("reason", ["x" * 256, "two\nlines", {}])
def test_a_reason_is_one_short_line(central, own, reason):
    assert central.post("/cp/CP-001/fault", {"reason": reason}, **own).status_code == 400


def test_encoded_ids_work_here_too(central, registry):
    token = registry.post("/cp/register", BERLIN | {"cp_id": "RDAM 123"}).json()["token"]
    answer = central.post("/cp/RDAM%20123/fault", {}, authorization=f"Bearer {token}")
    assert answer.status_code == 200
