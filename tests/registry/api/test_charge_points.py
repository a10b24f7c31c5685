"""`GET /cp`, `GET /cp/{cp_id}`, `DELETE /cp/{cp_id}`: contents, paging, tenants, roles, the end."""

from urllib.parse import quote

import pytest

from emobility.lib import bell
from registry.models import AuditEntry, ChargePoint
from registry.signals import charge_point_revoked
from tests.support.registry import BERLIN, bearer, person, registry_face, rung

FIELDS = {
    "cp_id",
    "location",
    "status",
    "registered_at",
    "last_authenticated",
    "metadata",
    "certificate_fingerprint",
}


def _register(face, *cp_ids: str) -> list[dict]:
    return [face.post("/cp/register", BERLIN | {"cp_id": cp_id}).json() for cp_id in cp_ids]


@pytest.fixture
def foreign(stranger_organization):
    """The operator of another organisation, with a charge point of its own."""
    face = registry_face(**bearer(person(stranger_organization, "operator")))
    _register(face, "BASALT-1")
    return face


def test_detail_shows_the_documents_fields_and_nothing_else(by_operator):
    _register(by_operator, "CP-001")
    body = by_operator.get("/cp/CP-001").json()
    assert set(body) == FIELDS
    assert body | {"registered_at": ""} == {
        "cp_id": "CP-001",
        "location": "Berlin",
        "status": "REGISTERED",
        "registered_at": "",
        "last_authenticated": None,
        "metadata": {},
        "certificate_fingerprint": None,
    }


def test_the_list_counts_and_filters_by_status(by_operator):
    _register(by_operator, "CP-001", "CP-002", "CP-003")
    by_operator.delete("/cp/CP-002")

    def ids(query: str) -> tuple[int, list[str]]:
        body = by_operator.get(f"/cp{query}").json()
        assert set(body) == {"total", "cps"}
        return body["total"], [cp["cp_id"] for cp in body["cps"]]

    assert ids("") == (3, ["CP-001", "CP-002", "CP-003"])
    assert ids("/?status_filter=REGISTERED") == (2, ["CP-001", "CP-003"])
    assert ids("?status_filter=DEREGISTERED") == (1, ["CP-002"])
    assert ids("?limit=2") == (3, ["CP-001", "CP-002"])
    assert ids("?limit=2&offset=2") == (3, ["CP-003"])


@pytest.mark.parametrize(
    "query",
    ["status_filter=LOST", "status_filter=", "limit=0", "limit=x", "offset=-1", "limit=1001"],
)
def test_a_filter_or_page_that_makes_no_sense_is_a_bad_request(by_operator, query):
    answer = by_operator.get(f"/cp?{query}")
    assert answer.status_code == 400
    assert set(answer.json()["fields"]) == {query.split("=")[0]}


@pytest.mark.parametrize("cp_id", ["RDAM 123", "DE*ABC*E1", "A|B@C.D_E=F+G"])
def test_ids_may_be_encoded_in_the_path(by_operator, cp_id):
    _register(by_operator, cp_id)
    for path in (f"/cp/{quote(cp_id, safe='')}", f"/cp/{quote(cp_id, safe='')}/"):
        assert by_operator.get(path).json()["cp_id"] == cp_id
    assert by_operator.delete(f"/cp/{quote(cp_id, safe='')}").status_code == 200


@pytest.mark.parametrize("cp_id", ["CP-404", "%00", "%ff", "a%2Fb", "x" * 400])
def test_an_unknown_id_is_not_found(by_operator, cp_id):
    answer = by_operator.get(f"/cp/{cp_id}")
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


# --- who may --------------------------------------------------------------------------------------


def test_strangers_see_nothing_in_production(registry, by_operator):
    _register(by_operator, "CP-001")
    answers = [registry.get("/cp"), registry.get("/cp/CP-001"), registry.delete("/cp/CP-001")]
    assert [answer.status_code for answer in answers] == [401] * 3
    assert ChargePoint.objects.get().is_registered


def test_the_development_switch_shows_the_default_organisation_only(registry, open_door, foreign):
    _register(registry, "CP-001")
    assert [cp["cp_id"] for cp in registry.get("/cp").json()["cps"]] == ["CP-001"]
    assert registry.get("/cp/BASALT-1").status_code == 404
    assert registry.delete("/cp/BASALT-1").status_code == 404
    assert registry_face("192.0.2.7").get("/cp").status_code == 401


def test_another_organisations_charge_points_are_not_found(by_operator, foreign):
    _register(by_operator, "CP-001")
    assert by_operator.get("/cp").json()["total"] == 1
    assert by_operator.get("/cp/BASALT-1").status_code == 404
    assert by_operator.delete("/cp/BASALT-1").status_code == 404
    assert foreign.get("/cp/CP-001").status_code == 404


@pytest.mark.parametrize(
    ("role", "seen", "ended"),
    [("viewer", 200, 403), ("maintenance", 200, 403), ("operator", 200, 200), ("partner", 403, 403)],
)
def test_roles(by_operator, organization, role, seen, ended):
    _register(by_operator, "CP-001")
    face = registry_face(**bearer(person(organization, role, "somebody")))
    assert face.get("/cp").status_code == face.get("/cp/CP-001").status_code == seen
    assert face.delete("/cp/CP-001").status_code == ended


def test_the_platforms_administrator_sees_all(by_operator, foreign):
    _register(by_operator, "CP-001")
    face = registry_face(**bearer(person(None, "admin", is_superuser=True)))
    assert face.get("/cp").json()["total"] == 2


def test_a_charge_point_sees_itself_and_no_other(registry, by_operator):
    first, _ = _register(by_operator, "CP-001", "CP-002")
    own = {"authorization": f"Bearer {first['token']}"}
    assert registry.get("/cp/CP-001", **own).status_code == 200
    assert registry.get("/cp/CP-002", **own).status_code == 404
    assert registry.get("/cp", **own).status_code == 403
    assert registry.delete("/cp/CP-001", **own).status_code == 403


def test_a_blocked_persons_token_is_worth_nothing(by_operator, operator):
    operator.is_active = False
    operator.save()
    answer = by_operator.get("/cp")
    assert answer.status_code == 401
    assert isinstance(answer.json()["detail"], str)


# --- the end --------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_deregistration_ends_secret_tokens_and_socket_but_keeps_the_history(registry, by_operator):
    made = _register(by_operator, "CP-001")[0]
    rings, _keep = rung(charge_point_revoked)
    answer = by_operator.delete("/cp/CP-001")
    assert (answer.status_code, answer.json()["status"]) == (200, "DEREGISTERED")
    assert answer.json()["message"] == "CP deregistered successfully"
    assert bell.drain()
    charge_point = ChargePoint.objects.get()
    assert rings == [{"charge_point_id": charge_point.pk, "reason": "deregistered"}]
    login = {"cp_id": "CP-001", "credentials": made["credentials"]}
    assert registry.post("/cp/authenticate", login).status_code == 401
    assert registry.get("/cp/CP-001", authorization=f"Bearer {made['token']}").status_code == 403
    assert (charge_point.credential_hash, charge_point.location) == ("", "Berlin")
    assert by_operator.get("/cp/CP-001").json()["status"] == "DEREGISTERED"


@pytest.mark.django_db(transaction=True)
def test_a_replaced_secret_closes_the_socket_too(by_operator):
    _register(by_operator, "CP-001")
    rings, _keep = rung(charge_point_revoked)
    _register(by_operator, "CP-001")
    assert bell.drain()
    assert [ring["reason"] for ring in rings] == ["rotated"]


def _place_and_status(facts) -> tuple[str, str]:
    return facts["location"], facts["status"]


def test_the_audit_trail_tells_what_changed_and_who_did_it(by_operator, operator):
    _register(by_operator, "CP-001")
    by_operator.post("/cp/register", BERLIN | {"location": "Bonn"})
    by_operator.delete("/cp/CP-001")
    told = [
        (entry.action, (entry.before or {}).get("location"), *_place_and_status(entry.after))
        for entry in AuditEntry.objects.filter(user=operator).order_by("id")
    ]
    assert told == [
        ("charge_point.registered", None, "Berlin", "REGISTERED"),
        ("charge_point.credentials_rotated", "Berlin", "Bonn", "REGISTERED"),
        ("charge_point.deregistered", "Bonn", "Bonn", "DEREGISTERED"),
    ]


def test_deregistering_twice_answers_the_same_and_notes_it_once(by_operator):
    _register(by_operator, "CP-001")
    first, second = by_operator.delete("/cp/CP-001"), by_operator.delete("/cp/CP-001")
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert AuditEntry.objects.filter(action="charge_point.deregistered").count() == 1
