"""`GET /` and `GET /health` of the Registry, and what no endpoint handles."""

from datetime import UTC, datetime

import pytest
from django.db import OperationalError, connection

from tests.support.registry import registry_face


@pytest.mark.parametrize("path", ["/", "/health", "/health/"])
def test_health_tells_service_status_version_and_time(registry, path):
    answer = registry.get(path)
    body = answer.json()
    assert answer.status_code == 200
    stamp = datetime.strptime(body.pop("timestamp"), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert abs((datetime.now(UTC) - stamp).total_seconds()) < 60
    assert body == {"service": "EV Registry", "status": "operational", "version": "2.0.0"}


def test_without_its_database_it_is_degraded(registry, monkeypatch):
    def refuse(*args):
        raise OperationalError("the database is gone")

    with monkeypatch.context() as patched:
        patched.setattr(connection, "cursor", refuse)
        answer = registry.get("/")
    assert (answer.status_code, answer.json()["status"]) == (503, "degraded")
    assert "gone" not in answer.content.decode()


def test_health_is_for_everybody_whatever_they_show(registry):
    assert registry.get("/", authorization="Bearer nonsense").status_code == 200
    assert registry_face("203.0.113.5").get("/health").status_code == 200


@pytest.mark.parametrize("path", ["/nothing", "/cp/CP-001/else", "/api/health", "/admin/"])
def test_what_is_not_there_is_told_in_the_form_of_all_refusals(registry, path):
    answer = registry.get(path)
    assert answer.status_code == 404
    assert answer.json() == {"code": "not_found", "detail": "No such path."}


def test_a_wrong_verb_and_a_wrong_type_are_told_too(registry, open_door):
    assert registry.post("/", {}).status_code == 405
    assert registry.get("/cp/register").json()["code"] == "method_not_allowed"
    form = registry._client.post("/cp/register", {"cp_id": "CP-001"})
    assert (form.status_code, form.json()["code"]) == (415, "unsupported_media_type")
