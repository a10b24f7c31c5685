"""T7: no secret that passes through the Registry is found in its database, its log or another answer."""

import logging

import pytest
from django.apps import apps

from tests.support.registry import BERLIN, central_face, make_certificate

OWN_WORDS = {
    "credentials": "canarycredentialscanarycredentialscanary",
    "enrolment_token": "enrol-canary-enrolment-token",
    "password": "canary-password",
}


@pytest.fixture
def log_text(caplog):
    caplog.set_level(logging.DEBUG)
    return lambda: "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)


def _rows() -> str:
    models = [model for model in apps.get_models() if model._meta.managed and not model._meta.proxy]
    return "\n".join(str(list(model._default_manager.values())) for model in models)


def test_t7_secrets_are_neither_stored_nor_logged_nor_shown_again(registry, by_operator, log_text, open_door):
    first = by_operator.post("/cp/register", BERLIN | {"certificate_pem": make_certificate()}).json()
    login = {"cp_id": "CP-001", "credentials": first["credentials"]}
    fresh = registry.post("/cp/authenticate", login).json()
    second = by_operator.post("/cp/register", BERLIN | {"credentials": first["credentials"]}).json()
    bodies = [
        registry.post("/cp/authenticate", {"cp_id": "CP-001", "credentials": OWN_WORDS["credentials"]}),
        registry.post("/cp/register", BERLIN | {"enrolment_token": OWN_WORDS["enrolment_token"]}),
        registry.get("/cp", authorization=f"Bearer {OWN_WORDS['password']}"),
        registry.get("/cp"),
        registry.get("/cp/CP-001"),
        registry.delete("/cp/CP-001"),
        central_face().post("/cp/register", {"cp_id": "CP-001", "cp_e_host": "a", "cp_e_port": 1}),
    ]
    secrets = [*OWN_WORDS.values(), first["credentials"], first["token"], second["credentials"]]
    secrets += [second["token"], fresh["token"], bytes.fromhex(first["credentials"]).hex().upper()]
    everything = _rows() + log_text() + "".join(body.content.decode() for body in bodies)
    assert [secret for secret in secrets if secret in everything] == []
    assert "CP-001" in log_text()


def test_the_documents_log_lines_appear_with_exactly_their_text(registry, by_operator, caplog):
    caplog.set_level(logging.INFO)
    made = by_operator.post("/cp/register", BERLIN).json()
    by_operator.post("/cp/register", BERLIN | {"certificate_pem": make_certificate()})
    rotated = by_operator.post("/cp/register", BERLIN).json()
    registry.post("/cp/authenticate", {"cp_id": "CP-001", "credentials": rotated["credentials"]})
    by_operator.delete("/cp/CP-001")
    lines = [
        record.msg["event"] if isinstance(record.msg, dict) else record.getMessage()
        for record in caplog.records
        if record.name.startswith("registry")
    ]
    assert made["credentials"]
    assert lines == [
        "CP registered: CP-001 at Berlin (new=True, cert=False)",
        "CP registered: CP-001 at Berlin (new=False, cert=True)",
        "CP registered: CP-001 at Berlin (new=False, cert=False)",
        "CP authenticated: CP-001",
        "CP deregistered: CP-001",
    ]
