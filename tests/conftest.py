"""Fixtures of all tests: a database and Redis prefix of their own, server, eager worker, browser."""

import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from django.conf import LazySettings
from django.conf import settings as django_settings
from django.core.cache import cache
from django.db import connection
from django.db.models.signals import post_save
from django.dispatch import receiver
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pytest_django import DjangoDbBlocker
from redis import Redis

from billing.services.live_folds import folds_forget
from central.services.cost_displays import costs_forget
from central.services.displays import displays_forget
from central.services.policies import policies_forget
from emobility.asgi import application
from emobility.lib import bell
from registry.catalog.table import KINDS
from registry.models import Event
from tests.support.browser import CHROMIUM, chromium, page
from tests.support.campaign import SCALE
from tests.support.migrated import copy_migrated, migrated
from tests.support.server import LiveServer

__all__ = ["chromium", "page"]

LEFT_TO_SERVICES = ("tests/central/api/", "tests/central/admin/", "tests/central/pages/", "tests/ocpi/")
"""What asks the same of every database: where PostgreSQL follows, SQLite is spared it."""
MADE_BY_MIGRATIONS = frozenset({"django_content_type", "auth_permission"})
REQUIRED = os.environ.get("REQUIRE_SERVICES") == "1"
django_settings.PASSWORD_HASHERS = [
    "tests.support.hashers.QuickArgon2",
    *django_settings.PASSWORD_HASHERS[1:],
]
SERVICES: dict[str, tuple[Callable[[], bool], str]] = {
    "postgres": (lambda: connection.vendor == "postgresql", "needs PostgreSQL (TEST_DATABASE_URL)"),
    "redis": (lambda: bool(django_settings.REDIS_URL), "needs Redis (TEST_REDIS_URL)"),
    "browser": (lambda: bool(CHROMIUM), "needs Chromium"),
}

# How fast examples are drawn says something of the machine, nothing of the product.
hypothesis_settings.register_profile("tests", suppress_health_check=[HealthCheck.too_slow], deadline=None)
hypothesis_settings.load_profile("tests")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what takes minutes, and what ran on SQLite already and cannot differ here."""
    _leave_out(config, items, [item for item in items if _is_too_long(item)])
    if os.environ.get("TEST_SERVICES_FOLLOW") == "1":
        _leave_out(config, items, [item for item in items if _is_left_to_services(item)])
    if os.environ.get("TEST_ONLY_SERVICES") != "1":
        return
    _leave_out(config, items, [item for item in items if not _uses_services(item)])


def pytest_collection_finish(session: pytest.Session) -> None:
    """Make the database that tests copy before the first one's clock starts."""
    if connection.vendor == "sqlite" and any(map(_uses_services, session.items)):
        migrated()


def _is_too_long(item: pytest.Item) -> bool:
    """Whether the mark does not name this run; without names it stands for both of `make campaign`."""
    mark = item.get_closest_marker("campaign")
    return mark is not None and SCALE not in (mark.args or ("short", "full"))


def _leave_out(config: pytest.Config, items: list[pytest.Item], some: list[pytest.Item]) -> None:
    config.hook.pytest_deselected(items=some)
    gone = {id(item) for item in some}
    items[:] = [item for item in items if id(item) not in gone]


def _is_left_to_services(item: pytest.Item) -> bool:
    place = item.path.relative_to(item.config.rootpath).as_posix()
    return (
        place.startswith(LEFT_TO_SERVICES) and _uses_services(item) and not item.get_closest_marker("browser")
    )


def _uses_services(item: pytest.Item) -> bool:
    fixtures = getattr(item, "fixturenames", ())
    if item.get_closest_marker("once"):
        return False
    marked = any(item.get_closest_marker(name) for name in ("django_db", "services", *SERVICES))
    return marked or "_django_db_helper" in fixtures


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what needs a service that is not there; fail instead where REQUIRE_SERVICES=1."""
    for marker, (present, sentence) in SERVICES.items():
        if item.get_closest_marker(marker) and not present():
            (pytest.fail if REQUIRED else pytest.skip)(sentence)


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """Name the test database: a new file or a new PostgreSQL database for each process."""
    database: dict[str, Any] = django_settings.DATABASES["default"]
    name = f"test_emobility_{secrets.token_hex(6)}"
    if database["ENGINE"].endswith("sqlite3"):
        name = str(Path(django_settings.VAR_DIR) / f"{name}.sqlite3")
        # A test database need not survive a power cut; everything else is as in the product.
        options = database["OPTIONS"]
        options["init_command"] = options["init_command"].replace("synchronous=FULL", "synchronous=OFF")
    database["TEST"] = database.get("TEST", {}) | {"NAME": name}


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_modify_db_settings: None) -> bool:
    """On SQLite the test database is a copy of a migrated one; what is missing there is still applied."""
    if connection.vendor != "sqlite":
        return False
    database: dict[str, Any] = django_settings.DATABASES["default"]
    copy_migrated(Path(database["TEST"]["NAME"]))
    return True


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Empty PostgreSQL's tables quickly between tests; end forgotten connections before the database goes."""
    if connection.vendor != "postgresql":
        yield
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection.ops, "sql_flush", _delete_rows)
        patch.setattr("django.core.management.commands.flush.emit_post_migrate_signal", lambda *_, **__: None)
        yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def _delete_rows(style: object, tables: Sequence[str], **_: object) -> list[str]:
    """DELETE of a few rows is quicker than TRUNCATE; what migrations made of the models stays."""
    names = (connection.ops.quote_name(table) for table in tables if table not in MADE_BY_MIGRATIONS)
    return ["SET CONSTRAINTS ALL DEFERRED", *(f"DELETE FROM {name}" for name in names)]


@pytest.fixture(scope="session")
def _redis() -> Iterator[Redis | None]:
    if not django_settings.REDIS_URL:
        yield None
        return
    # Connected once and for all: a test may replace what looks up names.
    with Redis.from_url(django_settings.REDIS_URL) as redis:
        redis.ping()
        yield redis


@pytest.fixture(autouse=True)
def _empty_cache(_redis: Redis | None) -> Iterator[None]:
    """Counters, locks and rules of one test are unknown to the next; only own keys are touched."""
    yield
    policies_forget()
    folds_forget()
    displays_forget()
    costs_forget()
    if _redis is None:
        cache.clear()
        return
    keys = list(_redis.scan_iter(match=f"*{django_settings.REDIS_PREFIX}*", count=1000))
    if keys:
        _redis.delete(*keys)


@receiver(post_save, sender=Event)
def _as_in_the_catalog(instance: Event, created: bool, **_: Any) -> None:
    """Each event that a test writes is of a kind, and has the data, that the catalogue names."""
    if created and not instance.kind.startswith("a."):
        kind = KINDS.get(instance.kind)
        assert kind is not None, f"{instance.kind} is not in registry/catalog"
        unknown = set(instance.data) - set(kind.data)
        assert not unknown, f"{instance.kind}: {sorted(unknown)} is not in registry/catalog"


@pytest.fixture
def celery_eager() -> Iterator[None]:
    """Tasks run at once, in the caller."""
    current_app.conf.task_always_eager = current_app.conf.task_eager_propagates = True
    yield
    current_app.conf.task_always_eager = current_app.conf.task_eager_propagates = False


@pytest.fixture(scope="session")
def _live_server() -> Iterator[LiveServer]:
    server = LiveServer(application, django_settings.OCPP_MAX_MESSAGE_BYTES)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def server(
    _live_server: LiveServer,
    transactional_db: None,
    settings: LazySettings,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[LiveServer]:
    """The running platform; `server.http(path)`, `.ws(path)`, `.registry_http(path)` give addresses.

    When the test is over, its sockets are closed and all work under way ends before the tables are emptied.
    """
    settings.FACE_TABLE = [f"{_live_server.registry_port}=registry", f"{_live_server.port}=central"]
    settings.OCPI_BASE_URL = _live_server.http()
    monkeypatch.setattr(bell, "_home", _live_server.loop)
    yield _live_server
    _live_server.settle()
    assert bell.drain(), "the bell still rings"
