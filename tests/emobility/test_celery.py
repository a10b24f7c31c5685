"""Workers: which of them share the database pool."""

from types import SimpleNamespace

import pytest
from celery.concurrency.prefork import TaskPool as Forks
from celery.concurrency.thread import TaskPool as Threads

from emobility.celery import use_plain_connections


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    database: dict[str, object] = {"OPTIONS": {"pool": {"max_size": 10}}}
    monkeypatch.setattr("emobility.celery.settings", SimpleNamespace(DATABASES={"default": database}))
    return database


@pytest.mark.parametrize("pool", ["prefork", Forks])
def test_a_forking_worker_has_plain_connections(database, pool):
    use_plain_connections(SimpleNamespace(pool_cls=pool))
    assert database["OPTIONS"] == {}


@pytest.mark.parametrize("pool", ["threads", Threads])
def test_a_worker_of_threads_keeps_the_pool(database, pool):
    use_plain_connections(SimpleNamespace(pool_cls=pool))
    assert database["OPTIONS"] == {"pool": {"max_size": 10}}
