"""`POST /cp/register`: who may, what is checked, what comes back (document 000; secure defaults)."""

from datetime import UTC, datetime, timedelta

import pytest

from registry.models import AuditEntry, ChargePoint, Event, Organization
from registry.services.enrolment_tokens import enrolment_token_issue
from tests.support.registry import BERLIN, bearer, person, registry_face

SECRETS = {"credentials", "token"}


@pytest.fixture
def enrolment(organization):
    def issue(**options):
        scope = {} if "prefix" in options else {"cp_id": "CP-001"}
        now = datetime.now(UTC)
        return enrolment_token_issue(organization=organization, now=now, **(scope | options))[1]

    return issue


# --- the documented answer ------------------------------------------------------------------------


def test_the_answer_has_the_documents_fields(registry, open_door):
    answer = registry.post("/cp/register", BERLIN)
    body = answer.json()
    assert answer.status_code == 200
    assert set(body) == {"cp_id", "status", "credentials", "token", "token_expires_at", "message"}
    assert (body["cp_id"], body["status"]) == ("CP-001", "REGISTERED")
    assert body["message"].startswith("CP registered successfully")
    assert len(bytes.fromhex(body["credentials"])) == 20
    expires = datetime.strptime(body["token_expires_at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert timedelta(hours=23, minutes=59) < expires - datetime.now(UTC) <= timedelta(hours=24)
    assert answer["Cache-Control"] == "no-store"


def test_on_an_empty_database_the_default_organisation_comes_into_being(registry, settings, db):
    settings.REGISTRY_OPEN_REGISTRATION = True
    settings.OCPI_BUSINESS_NAME = "First Day Charging"
    assert registry.post("/cp/register", BERLIN).status_code == 200
    made = Organization.objects.get()
    assert (made.name, made.is_default) == ("First Day Charging", True)
    assert ChargePoint.objects.get().organization == made


def test_registration_writes_event_and_audit(by_operator, operator):
    by_operator.post("/cp/register", BERLIN)
    assert Event.objects.get().kind == "charge_point.registered"
    entry = AuditEntry.objects.get()
    assert (entry.user, entry.object_id, entry.remote_address) == (operator, "CP-001", "127.0.0.1")


@pytest.mark.parametrize("path", ["/cp/register", "/cp/register/"])
def test_paths_answer_with_and_without_slash(registry, open_door, path):
    assert registry.post(path, BERLIN).status_code == 200


# --- who may --------------------------------------------------------------------------------------


def test_production_refuses_strangers(registry):
    answer = registry.post("/cp/register", BERLIN)
    assert answer.status_code == 401
    assert answer.json()["code"] == "unauthenticated"
    assert answer["WWW-Authenticate"] == "Bearer"
    assert not ChargePoint.objects.exists()


def test_the_development_switch_opens_for_this_machine_only(open_door):
    assert registry_face("192.0.2.7").post("/cp/register", BERLIN).status_code == 401
    assert registry_face("127.0.0.1").post("/cp/register", BERLIN).status_code == 200


@pytest.mark.parametrize(
    ("role", "status"),
    [("admin", 200), ("operator", 200), ("maintenance", 403), ("viewer", 403), ("partner", 403)],
)
def test_operators_may_and_lower_roles_may_not(organization, role, status):
    face = registry_face(**bearer(person(organization, role)))
    assert face.post("/cp/register", BERLIN).status_code == status


def test_an_operators_charge_point_belongs_to_its_organisation(stranger_organization, organization):
    face = registry_face(**bearer(person(stranger_organization, "operator")))
    face.post("/cp/register", BERLIN)
    assert ChargePoint.objects.get().organization == stranger_organization


@pytest.mark.parametrize("place", ["header", "body"])
def test_an_enrolment_token_lets_its_charge_point_in_once(registry, enrolment, place):
    secret = enrolment()
    proof = {"authorization": f"Enrolment {secret}"} if place == "header" else {}
    field = {"enrolment_token": secret} if place == "body" else {}
    assert registry.post("/cp/register", BERLIN | field, **proof).status_code == 200
    other = BERLIN | {"cp_id": "CP-002"}
    assert registry.post("/cp/register", other | field, **proof).status_code == 403


def test_a_failed_registration_uses_up_nothing(registry, enrolment):
    secret = enrolment()
    assert registry.post("/cp/register", {"cp_id": "CP-001", "enrolment_token": secret}).status_code == 400
    assert registry.post("/cp/register", BERLIN | {"enrolment_token": secret}).status_code == 200


def test_guessing_enrolment_tokens_is_limited(registry):
    guess = BERLIN | {"enrolment_token": "enrol-guess"}
    statuses = [registry.post("/cp/register", guess).status_code for _ in range(8)]
    assert statuses == [401] * 5 + [429] * 3


# --- a taken id -----------------------------------------------------------------------------------


def test_a_taken_id_yields_to_nobody_without_proof_in_development(registry, open_door):
    first = registry.post("/cp/register", BERLIN).json()
    answer = registry.post("/cp/register", BERLIN)
    assert answer.status_code == 409
    assert answer.json()["code"] == "conflict"
    login = {"cp_id": "CP-001", "credentials": first["credentials"]}
    assert registry.post("/cp/authenticate", login).status_code == 200


def test_a_taken_id_yields_to_nobody_without_proof_in_production(
    registry, by_operator, enrolment, stranger_organization
):
    by_operator.post("/cp/register", BERLIN)
    foreign = bearer(person(stranger_organization, "operator"))
    token = by_operator.post("/cp/register", {"cp_id": "CP-002", "location": "Bonn"}).json()["token"]
    for body, headers in (
        (BERLIN, {}),
        (BERLIN, foreign),
        (BERLIN | {"enrolment_token": enrolment(max_uses=5)}, {}),
        (BERLIN | {"credentials": "0" * 40}, {}),
        (BERLIN, {"authorization": f"Bearer {token}"}),
    ):
        assert registry.post("/cp/register", body, **headers).status_code == 409


@pytest.mark.parametrize("proof", ["credentials", "token", "operator", "reissue"])
def test_with_proof_the_secret_is_replaced(registry, by_operator, operator, enrolment, proof):
    first = by_operator.post("/cp/register", BERLIN).json()
    body, headers = dict(BERLIN), {}
    match proof:
        case "credentials":
            body["credentials"] = first["credentials"]
        case "token":
            headers = {"authorization": f"Bearer {first['token']}"}
        case "operator":
            headers = bearer(operator)
        case "reissue":
            body["enrolment_token"] = enrolment(reissue=True)
    second = registry.post("/cp/register", body, **headers)
    assert second.status_code == 200
    assert not SECRETS & {name for name in SECRETS if second.json()[name] == first[name]}

    def login(credentials):
        return registry.post("/cp/authenticate", {"cp_id": "CP-001", "credentials": credentials})

    assert login(first["credentials"]).status_code == 401
    assert login(second.json()["credentials"]).status_code == 200
    old_token = registry.get("/cp/CP-001", authorization=f"Bearer {first['token']}")
    assert old_token.status_code == 401
    assert Event.objects.filter(kind="charge_point.credentials_rotated").count() == 1


def test_a_reissuing_token_is_used_up_too(registry, by_operator, enrolment):
    by_operator.post("/cp/register", BERLIN)
    body = BERLIN | {"enrolment_token": enrolment(reissue=True)}
    assert registry.post("/cp/register", body).status_code == 200
    assert registry.post("/cp/register", body).status_code == 409


def test_a_deregistered_id_comes_back_by_its_operator_only(registry, by_operator, enrolment, settings):
    first = by_operator.post("/cp/register", BERLIN).json()
    by_operator.delete("/cp/CP-001")
    settings.REGISTRY_OPEN_REGISTRATION = True
    for proof in ({}, {"credentials": first["credentials"]}, {"enrolment_token": enrolment(reissue=True)}):
        assert registry.post("/cp/register", BERLIN | proof).status_code == 403
    assert by_operator.post("/cp/register", BERLIN).status_code == 200
    assert by_operator.get("/cp/CP-001").json()["status"] == "REGISTERED"


def test_wrong_proofs_of_one_address_are_limited(registry, by_operator):
    by_operator.post("/cp/register", BERLIN)
    guess = BERLIN | {"credentials": "0" * 40}
    statuses = [registry.post("/cp/register", guess).status_code for _ in range(8)]
    assert statuses == [409] * 5 + [429] * 3


def test_asking_which_ids_exist_is_limited_in_production(registry, by_operator):
    by_operator.post("/cp/register", BERLIN)
    statuses = [registry.post("/cp/register", BERLIN).status_code for _ in range(125)]
    assert statuses == [409] * 120 + [429] * 5


def test_a_hundred_repeats_of_the_load_line_are_all_answered_in_development(registry, open_door):
    """`ab -n 100 -p register.json`: one registration, and 99 times the honest 409."""
    statuses = [registry.post("/cp/register", BERLIN).status_code for _ in range(100)]
    assert statuses == [200] + [409] * 99
