"""`POST /cp/register`: which values are taken, and one clear answer to all others."""

import pytest

from registry.models import ChargePoint
from tests.support.registry import BERLIN, make_certificate


@pytest.mark.parametrize(
    "cp_id", ["CP-001", "a", "x" * 48, "RDAM 123", "DE*ABC*E1", "A|B@C.D_E=F+G", "007", "..a"]
)
def test_ids_of_the_permitted_characters_are_taken(registry, open_door, cp_id):
    assert registry.post("/cp/register", BERLIN | {"cp_id": cp_id}).json()["cp_id"] == cp_id


@pytest.mark.parametrize(
    "cp_id",
    [
        "",
        " ",
        "x" * 49,
        "CP:1",
        "CP/1",
        "CP-1\n",
        "CP-\u00e9",
        "\u0000",
        "a%b",
        "register",
        "..",
        " CP",
        None,
        {},
    ],
)
def test_other_ids_are_refused_naming_the_field(registry, open_door, cp_id):
    answer = registry.post("/cp/register", BERLIN | {"cp_id": cp_id})
    assert answer.status_code == 400
    assert set(answer.json()["fields"]) == {"cp_id"}


@pytest.mark.parametrize(
    "location", ["", "   ", "x" * 201, "two\nlines", "bell\u0007", "line\u2028separator", None]
)
def test_a_location_is_one_line_of_text(registry, open_door, location):
    answer = registry.post("/cp/register", BERLIN | {"location": location})
    assert answer.status_code == 400
    assert "location" in answer.json()["fields"]


def test_metadata_is_kept_and_shown_as_it_came(registry, open_door):
    metadata = {"cp_e_host": "ev-cp-e-1", "cp_e_port": 8001, "nested": [{"a": None, "ü": 1.5}]}
    registry.post("/cp/register", BERLIN | {"metadata": metadata})
    assert registry.get("/cp/CP-001").json()["metadata"] == metadata


def _nested(levels: int):
    value: object = 1
    for _ in range(levels):
        value = [value]
    return {"a": value}


@pytest.mark.parametrize(
    "metadata",
    [
        [1],
        "text",
        {"a": "x" * 16_400},
        {"a": "nul\u0000"},
        {"nul\u0000": 1},
        {"a": "\ud800"},
        _nested(30),
    ],
    ids=["list", "text", "large", "nul", "nul key", "surrogate", "deep"],
)
def test_metadata_that_is_no_object_or_unfit_is_refused(registry, open_door, metadata):
    answer = registry.post("/cp/register", BERLIN | {"metadata": metadata})
    assert answer.status_code == 400
    assert "metadata" in answer.json()["fields"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[1]", 400),
        (b'"text"', 400),
        (b"\xff", 400),
        (b'{"metadata": ' + b"[" * 30_000, 400),
        (b'{"cp_id": NaN}', 400),
        (b'{"cp_id": ' + b"9" * 5000 + b"}", 400),
        (b'{"cp_id": "A", "location": "B", "metadata": {"a": 1e999}}', 400),
        (b'{"cp_id": "' + b"A" * 70_000 + b'"}', 413),
    ],
    ids=["nothing", "half", "list", "text", "bytes", "nesting", "NaN", "digits", "infinity", "too large"],
)
def test_bodies_that_are_no_registration_get_one_clear_answer(registry, open_door, body, status):
    answer = registry.post("/cp/register", body)
    assert answer.status_code == status
    assert {"code", "detail"} <= set(answer.json())


# --- certificates ---------------------------------------------------------------------------------


def test_a_certificate_is_known_by_its_fingerprint_and_belongs_to_one_charge_point(registry, open_door):
    certificate = {"certificate_pem": make_certificate()}
    assert registry.post("/cp/register", BERLIN | certificate).status_code == 200
    shown = registry.get("/cp/CP-001").json()
    assert len(bytes.fromhex(shown["certificate_fingerprint"])) == 32
    assert "BEGIN" not in str(shown)
    second = registry.post("/cp/register", BERLIN | {"cp_id": "CP-002"} | certificate)
    assert second.status_code == 409
    assert "certificate" in second.json()["detail"]
    assert not ChargePoint.objects.filter(cp_id="CP-002").exists()


def test_a_certificate_may_be_required(registry, open_door, settings):
    settings.REGISTRY_REQUIRE_CERTIFICATE = True
    answer = registry.post("/cp/register", BERLIN)
    assert answer.status_code == 400
    assert set(answer.json()["fields"]) == {"certificate_pem"}
    assert registry.post("/cp/register", BERLIN | {"certificate_pem": make_certificate()}).status_code == 200
