"""`GET /api/health`: public, and honest about the database."""

import pytest
from django.db import OperationalError, connection
from django.test import Client


def test_anybody_may_ask(db):
    response = Client().get("/api/health")
    assert response.status_code == 200
    answer = response.json()
    assert answer.keys() == {"service", "status", "version", "timestamp"}
    assert answer["status"] == "operational"


@pytest.mark.django_db
def test_without_its_database_it_is_unavailable(monkeypatch):
    def away(*_, **__):
        raise OperationalError("gone")

    monkeypatch.setattr(connection, "cursor", away)
    response = Client().get("/api/health")
    assert (response.status_code, response.json()["status"]) == (503, "degraded")
